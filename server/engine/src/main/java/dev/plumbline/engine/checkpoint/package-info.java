/**
 * A model's folder as Hugging Face's libraries write it: configuration, weights, tokenizer, chat
 * template, and PEFT adapters in and out. Everything read here is taken for hostile.
 */
@NullMarked
package dev.plumbline.engine.checkpoint;

import org.jspecify.annotations.NullMarked;
