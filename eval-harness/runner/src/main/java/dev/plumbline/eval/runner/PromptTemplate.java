package dev.plumbline.eval.runner;

/** How a benchmark's question becomes a prompt: {@code {question}} stands for it. */
public record PromptTemplate(String text) {
    private static final String QUESTION = "{question}";

    /** The question as the benchmark has it. */
    public static final PromptTemplate PLAIN = new PromptTemplate(QUESTION);

    public PromptTemplate {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the prompt is empty");
        }
    }

    String fill(String question) {
        return text.replace(QUESTION, question);
    }

    boolean asksTheQuestion() {
        return text.contains(QUESTION);
    }
}
