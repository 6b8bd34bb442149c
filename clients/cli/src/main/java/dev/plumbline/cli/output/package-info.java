/** What people and scripts read: text, JSON documents, progress. */
@NullMarked
package dev.plumbline.cli.output;

import org.jspecify.annotations.NullMarked;
