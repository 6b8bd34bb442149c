package dev.plumbline.server.service;

/**
 * A picture as a client sent it.
 *
 * @param field of the request, for refusals
 * @param bytes JPEG or PNG
 */
public record EncodedImage(String field, byte[] bytes) {}
