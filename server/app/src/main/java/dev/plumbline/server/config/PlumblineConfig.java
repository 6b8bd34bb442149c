package dev.plumbline.server.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Settings under {@code plumbline.}; an unknown one or one out of range stops the start. */
@ConfigMapping(prefix = "plumbline")
public interface PlumblineConfig {
    /** Folder of the server's state; the environment variable {@code PLUMBLINE_HOME} sets it. */
    @WithDefault("${user.home}/.plumbline")
    Path home();

    Plugins plugins();

    Inference inference();

    Engine engine();

    /** Models to load at the start, by the last part of their resource names. */
    Map<String, StartModel> models();

    /** CLIP models for selectors, by name. */
    Map<String, Path> clips();

    Runs runs();

    Limits limits();

    Cache cache();

    /** A model to load at the start: {@code plumbline.models.NAME=FOLDER}. */
    interface StartModel {
        @WithParentName
        Path folder();

        /** {@code plumbline.models.NAME.precision}. */
        @WithDefault("fp32")
        String precision();

        /** {@code plumbline.models.NAME.context-length}; 0 for what the model was made for. */
        @WithDefault("0")
        @Min(0)
        int contextLength();
    }

    /** Where plugins lie. */
    interface Plugins {
        /** Looked into beside {@code plugins} in the home. */
        @WithDefault("${plumbline.home}/plugins")
        Path dir();

        /** How long a plugin may work without reporting progress before it is given up. */
        @WithDefault("60s")
        Duration deadline();
    }

    /** How much is answered at a time. */
    interface Inference {
        /** How many calls are scored, and how many prepared for an answer, at a time. */
        @WithDefault("2")
        @Min(1)
        @Max(256)
        int workers();

        /** How many calls may wait for a worker, or for a slot; further ones are refused. */
        @WithDefault("64")
        @Min(1)
        @Max(100_000)
        int queue();

        /** How many answers each model works on together. */
        @WithDefault("16")
        @Min(1)
        @Max(1024)
        int slots();

        /**
         * Most bytes of keys and values that the answers of each model may take; without it a
         * quarter of the memory that is free when the model is loaded.
         */
        OptionalLong kvCacheBytes();

        /**
         * Most bytes of keys and values that each model keeps of the beginnings of prompts, to
         * answer the next question about a picture sooner; 0 keeps none; without it an eighth of
         * the memory that is free when the model is loaded.
         */
        OptionalLong prefixCacheBytes();
    }

    /** ONNX Runtime. */
    interface Engine {
        /** Threads within one operator; 0 stands for one a processor. */
        @WithDefault("0")
        @Min(0)
        @Max(1024)
        int threads();

        /** Another {@code libonnxruntime} than the bundled one. */
        Optional<Path> library();
    }

    /** Training runs. */
    interface Runs {
        /** Whether the server goes on with runs that an earlier one left unfinished. */
        @WithDefault("true")
        boolean goOn();
    }

    /** What is kept to save work. */
    interface Cache {
        /**
         * Most bytes of reference log-probabilities on disk for each model; beyond them the oldest
         * go; 0 keeps none.
         */
        @WithDefault("268435456")
        @Min(0)
        long referenceBytes();
    }

    /** What a client may ask for. */
    interface Limits {
        @WithDefault("33554432")
        @Min(1024)
        int imageBytes();

        @WithDefault("64")
        @Min(1)
        @Max(4096)
        int images();

        /** Rows of one data set that a client sends. */
        @WithDefault("1000000")
        @Min(1)
        int datasetRows();

        /** Bytes of all pictures of one data set that a client sends. */
        @WithDefault("17179869184")
        @Min(1024)
        long datasetBytes();

        /** Bytes of one adapter that a client sends. */
        @WithDefault("4294967296")
        @Min(1024)
        long adapterBytes();

        /** How long a stream waits for a client that does not read. */
        @WithDefault("60s")
        Duration stall();

        /** How long a stopping server waits for calls in flight. */
        @WithDefault("10s")
        Duration shutdown();
    }
}
