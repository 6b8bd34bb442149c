package dev.plumbline.server.service;

import dev.plumbline.engine.model.AdapterMatch;
import dev.plumbline.engine.model.LoraAdapter;
import dev.plumbline.server.store.AdapterRecord;
import dev.plumbline.server.store.AdapterRecord.Use;

/**
 * An adapter that answers calls.
 *
 * @param use model that it was read for
 * @param match its tensors beside that model's layers
 */
record ServedAdapter(AdapterRecord record, Use use, AdapterMatch match, LoraAdapter adapter) {}
