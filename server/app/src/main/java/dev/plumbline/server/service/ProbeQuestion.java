package dev.plumbline.server.service;

import java.util.Optional;

/**
 * An answer to be scored with and without an adapter, as a client sent it.
 *
 * @param field of the request
 */
public record ProbeQuestion(
        String field, String prompt, String answer, Optional<EncodedImage> image) {}
