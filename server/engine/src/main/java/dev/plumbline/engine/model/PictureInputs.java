package dev.plumbline.engine.model;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.image.Picture;
import dev.plumbline.engine.tensor.Tensor;
import java.util.Map;

/** Pictures as a family's vision graph reads them. */
interface PictureInputs {
    /**
     * The tokens that a picture of so many pixels takes.
     *
     * @throws PlumblineException {@code IMAGE_TOO_LARGE} or {@code IMAGE_PROPORTIONS_EXTREME} for
     *     one of extreme proportions
     */
    PictureGrid grid(int width, int height);

    /** All inputs of the vision graph for one picture. */
    Map<String, Tensor> of(Picture picture);
}
