package dev.plumbline.engine.error;

/** What went wrong, in the terms of gRPC's status codes; the server maps each to exactly one. */
public enum ErrorCode {
    /** The request itself is wrong, whatever the state of the server. */
    INVALID_ARGUMENT,
    /** A named thing does not exist. */
    NOT_FOUND,
    /** A thing to be made exists already. */
    ALREADY_EXISTS,
    /** The request is right, the state of the server or of a file is not. */
    FAILED_PRECONDITION,
    /** Memory, disk or the queue is full. */
    RESOURCE_EXHAUSTED,
    /** The caller took the request back. */
    CANCELLED,
    /** Data on disk is damaged. */
    DATA_LOSS,
    /** Our own fault. */
    INTERNAL
}
