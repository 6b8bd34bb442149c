package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.server.store.RunSpec;

/** What of a run's settings a session has no use for. */
final class SessionSpecs {
    private SessionSpecs() {}

    /** Refuses what would otherwise be passed over in silence. */
    static void requireUsable(RunSpec spec) {
        refuse(!spec.output().isEmpty(), "spec.output", "say where to when calling SaveState");
        refuse(
                spec.negatives().wanted(),
                "spec.selector",
                "choose negatives with MineNegatives and train on the rows that it writes");
        refuse(spec.gate().wanted(), "spec.gate_data", "examine what SaveState writes");
    }

    private static void refuse(boolean given, String field, String instead) {
        if (given) {
            throw PlumblineException.invalid(
                    field,
                    "NOT_IN_A_SESSION",
                    "%s is not for training sessions: %s".formatted(field, instead));
        }
    }
}
