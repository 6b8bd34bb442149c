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
        Expression z = options.activation().of(sums, v.get(Autoencoder.ENCODER_BIAS), latents);
        Expression rest = d.minus(z.matmul(decoder).plus(bias));
        Expression error = rest.times(rest).sum().times(1.0 / count);
        Expression mean = z.sum(0).times(1.0 / count);
        Activation.Kind kind = options.activation().kind();
        if (kind == Activation.Kind.TOP_K) {
            return error;
        }
        if (kind == Activation.Kind.L1) {
            Expression lengths = decoder.times(decoder).sum(1).log().times(0.5).exp();
            return error.plus(mean.times(lengths).sum().times(options.gamma()));
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
