package dev.plumbline.eval.runner;

/**
 * How a benchmark is asked.
 *
 * @param inFlight how many questions are under way at once
 * @param maxNewTokens where an answer is cut off
 */
public record RunOptions(int inFlight, int maxNewTokens, PromptTemplate prompt) {
    private static final int IN_FLIGHT = 4;

    public RunOptions {
        if (inFlight < 1 || maxNewTokens < 1) {
            throw new IllegalArgumentException(
                    "calls in flight and new tokens must be at least 1, not "
                            + inFlight
                            + " and "
                            + maxNewTokens);
        }
    }

    /** As LLaVA measures POPE: the question as it is, 128 tokens. */
    public static RunOptions pope() {
        return new RunOptions(IN_FLIGHT, 128, PromptTemplate.PLAIN);
    }

    /** The question as it is, 256 tokens. */
    public static RunOptions chair() {
        return new RunOptions(IN_FLIGHT, 256, PromptTemplate.PLAIN);
    }

    public RunOptions withMaxNewTokens(int tokens) {
        return new RunOptions(inFlight, tokens, prompt);
    }

    public RunOptions withPrompt(PromptTemplate template) {
        return new RunOptions(inFlight, maxNewTokens, template);
    }

    public RunOptions withInFlight(int calls) {
        return new RunOptions(calls, maxNewTokens, prompt);
    }
}
