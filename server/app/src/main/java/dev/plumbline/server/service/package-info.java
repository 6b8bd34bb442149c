/**
 * Use cases in our own records: models, adapters, answers, scores, runs. No gRPC, no mathematics.
 */
@NullMarked
package dev.plumbline.server.service;

import org.jspecify.annotations.NullMarked;
