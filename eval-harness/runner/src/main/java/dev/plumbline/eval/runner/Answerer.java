package dev.plumbline.eval.runner;

import java.nio.file.Path;

/** Whoever answers: a client of a server. Called from several threads at once. */
@FunctionalInterface
public interface Answerer {
    /**
     * Answers greedily. An interrupt of the calling thread must end the call.
     *
     * @param image a file that exists
     * @return the whole answer, which may be empty
     * @throws Exception where there is no answer; the evaluation then stops and names the item
     */
    String answer(Path image, String prompt, int maxNewTokens) throws Exception;
}
