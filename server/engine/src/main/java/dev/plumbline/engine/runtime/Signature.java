package dev.plumbline.engine.runtime;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;

/**
 * The parameters of the C functions in use: P stands for a pointer, I for an {@code int} or an
 * enumeration, L for a {@code size_t}.
 */
enum Signature {
    /** Answers nothing: the releases. */
    VOID_P(FunctionDescriptor.ofVoid(ADDRESS)),
    /** Answers a text. */
    TEXT_P(FunctionDescriptor.of(ADDRESS, ADDRESS)),

    // All others answer a status: null if all went well.
    P(status(ADDRESS)),
    PI(status(ADDRESS, JAVA_INT)),
    PP(status(ADDRESS, ADDRESS)),
    PPL(status(ADDRESS, ADDRESS, JAVA_LONG)),
    PPP(status(ADDRESS, ADDRESS, ADDRESS)),
    IIP(status(JAVA_INT, JAVA_INT, ADDRESS)),
    PPPP(status(ADDRESS, ADDRESS, ADDRESS, ADDRESS)),
    PLPP(status(ADDRESS, JAVA_LONG, ADDRESS, ADDRESS)),
    IPPP(status(JAVA_INT, ADDRESS, ADDRESS, ADDRESS)),
    PPLPP(status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS)),
    PPLPPP(status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS, ADDRESS)),
    PPLPLIP(status(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS)),
    PPPPLPLP(status(ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG, ADDRESS));

    private final FunctionDescriptor descriptor;

    Signature(FunctionDescriptor descriptor) {
        this.descriptor = descriptor;
    }

    FunctionDescriptor descriptor() {
        return descriptor;
    }

    private static FunctionDescriptor status(MemoryLayout... parameters) {
        return FunctionDescriptor.of(ADDRESS, parameters);
    }
}
