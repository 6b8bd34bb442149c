package dev.plumbline.engine.checkpoint.jinja;

/** A template that cannot be read, or that fails on what it is given. */
public final class JinjaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose fault it is. */
    public enum Kind {
        /** The template is not Jinja. */
        SYNTAX,
        /** The template uses a part of Jinja that is not implemented. */
        UNSUPPORTED,
        /** The template meets a value that it cannot work with. */
        FAILED,
        /** The template itself refuses the conversation. */
        RAISED
    }

    private final Kind kind;
    private final int line;

    JinjaException(Kind kind, int line, String message) {
        super(message);
        this.kind = kind;
        this.line = line;
    }

    static JinjaException syntax(int line, String message) {
        return new JinjaException(Kind.SYNTAX, line, message);
    }

    static JinjaException unsupported(int line, String what) {
        return new JinjaException(Kind.UNSUPPORTED, line, what + " is not supported");
    }

    /** Without a line yet; the interpreter adds it. */
    static JinjaException failed(String message) {
        return new JinjaException(Kind.FAILED, 0, message);
    }

    JinjaException at(int where) {
        if (line > 0) {
            return this;
        }
        JinjaException located = new JinjaException(kind, where, String.valueOf(getMessage()));
        located.initCause(this);
        return located;
    }

    public Kind kind() {
        return kind;
    }

    /** Line of the template, from 1. */
    public int line() {
        return line;
    }
}
