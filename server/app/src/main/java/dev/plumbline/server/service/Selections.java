package dev.plumbline.server.service;

import dev.plumbline.engine.error.PlumblineException;
import dev.plumbline.engine.expr.DeclaredOptions;
import dev.plumbline.engine.runtime.Cancellation;
import dev.plumbline.engine.select.Guard;
import dev.plumbline.engine.select.MiningListener;
import dev.plumbline.engine.select.MiningSetup;
import dev.plumbline.server.config.Folders;
import dev.plumbline.server.plugin.Plugged;
import dev.plumbline.server.plugin.PluginHost;
import dev.plumbline.server.plugin.PluginUse;
import dev.plumbline.server.store.SelectionChoice;
import dev.plumbline.spi.NegativeSelector;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.Optional;

/** Finds what a selection names: the selector, the pool, and what embeds it. */
@Singleton
public final class Selections {
    private final PluginHost plugins;
    private final Sources sources;
    private final Folders folders;

    public Selections(PluginHost plugins, Sources sources, Folders folders) {
        this.plugins = plugins;
        this.sources = sources;
        this.folders = folders;
    }

    /** Checks what can be checked at once, and names the CLIP model so that it is found again. */
    SelectionChoice prepare(SelectionChoice choice, SelectionFields fields) {
        try (PluginUse use = plugins.use()) {
            var _ = selector(use, choice, fields, Cancellation.none());
        }
        return sources.prepare(choice, fields);
    }

    /**
     * Opens all of it, which takes long where a folder is to be embedded first.
     *
     * @param pictures folder for those that are no files elsewhere
     */
    OpenSelection open(
            SelectionChoice choice,
            SelectionFields fields,
            Path pictures,
            MiningListener listener) {
        var held = new Closing();
        try {
            PluginUse use = held.hold(plugins.use());
            Plugged<NegativeSelector> selector =
                    selector(use, choice, fields, listener.cancellation());
            Sources.OpenSource source = held.hold(sources.open(choice, fields, listener));
            var setup =
                    new MiningSetup(
                            new MiningSetup.Strategy(
                                    selector.extension(), selector.version(), choice.options()),
                            source.source(),
                            choice.k(),
                            guard(choice),
                            new MiningSetup.Folders(pictures, folders.selectors()),
                            listener);
            return new OpenSelection(setup, choice.seed(), source.clip(), fields, held);
        } catch (PlumblineException e) {
            held.close();
            throw fields.at(e);
        } catch (RuntimeException | Error e) {
            held.close();
            throw e;
        }
    }

    private static Guard guard(SelectionChoice choice) {
        SelectionChoice.Margins margins = choice.margins();
        return new Guard(margins.falseNegative(), margins.duplicate());
    }

    private static Plugged<NegativeSelector> selector(
            PluginUse use,
            SelectionChoice choice,
            SelectionFields fields,
            Cancellation cancellation) {
        String name = choice.selector();
        Optional<Plugged<NegativeSelector>> found = use.selector(name, cancellation);
        if (found.isEmpty()) {
            throw ResourceNames.notFound("selector", name, fields.of("selector"), use.selectors());
        }
        try {
            DeclaredOptions.of(name, found.get().extension().options(), choice.options());
            return found.get();
        } catch (PlumblineException e) {
            throw Failures.at(e, fields.options());
        }
    }
}
