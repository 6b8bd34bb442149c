/** log p(answer | prompt, image): one graph and one batching rule, for users and for training. */
@NullMarked
package dev.plumbline.engine.score;

import org.jspecify.annotations.NullMarked;
