package dev.plumbline.plugins.sae;

import dev.plumbline.spi.OptionSpec;
import dev.plumbline.spi.Options;
import dev.plumbline.spi.Proposal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How the autoencoder is fitted; the defaults are the paper's where it states any.
 *
 * @param rho mean activation that sparsity aims at
 * @param gamma weight of sparsity
 * @param prompts texts a batch
 * @param pairs difference vectors a text
 * @param fitSeed decides all chance in the fit, so that who finds it made gets what he would make
 */
record SaeOptions(
        int latents,
        int steps,
        double learningRate,
        double rho,
        double gamma,
        Activation activation,
        int prompts,
        int pairs,
        int fitSeed) {
    static final String DIVERSITY = "diversity_weight";

    static List<OptionSpec> specs() {
        List<OptionSpec> specs = new ArrayList<>(Proposal.options());
        specs.add(
                OptionSpec.number(
                        DIVERSITY,
                        1,
                        0,
                        1000,
                        "What distance from those already chosen counts beside the score."));
        specs.add(OptionSpec.integer("latents", 128, 2, 4096, "Latents of the autoencoder."));
        specs.add(OptionSpec.integer("steps", 2000, 1, 1_000_000, "Steps of the fit."));
        specs.add(OptionSpec.number("learning_rate", 1e-3, 1e-7, 1, "Adam's, of the fit."));
        specs.add(
                OptionSpec.number(
                        "rho", 0.05, 1e-4, 0.9999, "Mean activation that a latent is held to."));
        specs.add(OptionSpec.number("gamma", 1, 0, 1000, "Weight of sparsity in the fit."));
        specs.add(
                OptionSpec.choice(
                        "encoder",
                        List.of("kl", "l1", "top_k"),
                        "Sigmoid with KL sparsity; rectifier with L1 sparsity (gamma about 0.05);"
                                + " or rectifier of which the largest are kept (gamma unused)."));
        specs.add(
                OptionSpec.integer(
                        "active", 8, 1, 4096, "Latents that a pair keeps with encoder top_k."));
        specs.add(OptionSpec.integer("prompts", 16, 1, 4096, "Prompts a batch of the fit."));
        specs.add(OptionSpec.integer("pairs", 16, 1, 4096, "Candidates a prompt of the fit."));
        specs.add(
                OptionSpec.integer(
                        "fit_seed",
                        0,
                        0,
                        Integer.MAX_VALUE,
                        "Of the fit, which does not depend on the seed of the mining."));
        return specs;
    }

    static SaeOptions of(Options options) {
        return new SaeOptions(
                options.integer("latents"),
                options.integer("steps"),
                options.number("learning_rate"),
                options.number("rho"),
                options.number("gamma"),
                new Activation(
                        Activation.Kind.valueOf(options.text("encoder").toUpperCase(Locale.ROOT)),
                        options.integer("active")),
                options.integer("prompts"),
                options.integer("pairs"),
                options.integer("fit_seed"));
    }
}
