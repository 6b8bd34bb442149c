/** What an evaluation leaves behind: result documents, tables, self-contained HTML. */
@NullMarked
package dev.plumbline.eval.report;

import org.jspecify.annotations.NullMarked;
