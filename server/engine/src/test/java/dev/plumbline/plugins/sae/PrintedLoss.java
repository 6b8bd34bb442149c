package dev.plumbline.plugins.sae;

import dev.plumbline.spi.Compute.Variables;
import dev.plumbline.spi.Expression;

/** Eq. 11 with whole difference vectors {@code d} [pairs, image text], for the same parameters. */
final class PrintedLoss {
    private PrintedLoss() {}

    static Expression of(Variables v, SaeOptions options, int image, int text) {
        int count = options.prompts() * options.pairs();
        int size = image * text;
        int latents = options.latents();
        double encoderScale = 30 / Math.sqrt(size);
        double decoderScale = 1 / Math.sqrt(size);
        Expression d = v.input("d", count, size);
        Expression encoder = v.get(Autoencoder.ENCODER).reshaped(latents, size).times(encoderScale);
        Expression decoder = v.get(Autoencoder.DECODER).reshaped(latents, size).times(decoderScale);
        Expression bias = v.get(Autoencoder.DECODER_BIAS).reshaped(1, size).times(decoderScale);
        Expression sums = d.matmul(encoder.transposed(1, 0)).plus(v.get(Autoencoder.ENCODER_BIAS));
        boolean kl = options.sparsity() == Autoencoder.Sparsity.KL;
        Expression z = kl ? sums.sigmoid() : sums.relu();
        Expression rest = d.minus(z.matmul(decoder).plus(bias));
        Expression error = rest.times(rest).sum().times(1.0 / count);
        Expression mean = z.sum(0).times(1.0 / count);
        if (!kl) {
            return error.plus(mean.sum().times(options.gamma()));
        }
        double rho = options.rho();
        Expression divergence =
                mean.log()
                        .negated()
                        .plus(Math.log(rho))
                        .times(rho)
                        .plus(
                                mean.negated()
                                        .plus(1)
                                        .log()
                                        .negated()
                                        .plus(Math.log(1 - rho))
                                        .times(1 - rho));
        return error.plus(divergence.sum().times(options.gamma()));
    }
}
