package dev.plumbline.spi;

import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

/** Runs expressions, and fits parameters to them. */
public interface Compute {
    /**
     * Makes expressions ready to run many times.
     *
     * @param constants arrays that all runs read
     * @param outputs gives the expressions to compute, by name
     */
    Program compile(
            Map<String, Array> constants, Function<Variables, Map<String, Expression>> outputs);

    /**
     * Minimizes a number by Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1).
     *
     * @param loss of one batch
     * @param parameters where they start
     * @param batches the inputs of a step, from 0
     * @return the parameters where they ended
     */
    Map<String, Array> fit(
            Function<Variables, Expression> loss,
            Map<String, Array> parameters,
            IntFunction<Map<String, Array>> batches,
            Fitting options);

    /** Where expressions begin. */
    interface Variables {
        /** A constant or a parameter. */
        Expression get(String name);

        /**
         * What each run, or each batch, brings.
         *
         * @param shape -1 for a length that may differ from run to run
         */
        Expression input(String name, int... shape);
    }

    /** Compiled expressions. */
    interface Program extends AutoCloseable {
        /** All outputs for the inputs given. */
        Map<String, Array> run(Map<String, Array> inputs);

        @Override
        void close();
    }

    /**
     * How parameters are fitted.
     *
     * @param beta1 decay of the mean of gradients
     * @param beta2 decay of the mean of their squares
     * @param epsilon added to the square root
     */
    record Fitting(
            int steps,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon,
            Listener listener) {
        /** Adam's usual numbers. */
        public static Fitting adam(int steps, double learningRate, Listener listener) {
            return new Fitting(steps, learningRate, 0.9, 0.999, 1e-8, listener);
        }

        /** Hears of every step. */
        @FunctionalInterface
        public interface Listener {
            /**
             * @param step from 0
             * @param loss before the step's update
             */
            void stepped(int step, double loss);
        }
    }
}
