package dev.plumbline.eval.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A Chromium without a window: opens a page, and says what became of it. */
record Browser(Path program) {
    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");

    private static final String OPENING = "<pre id=\"probe\">";

    /**
     * Forbids what is from elsewhere, and asks the page that was laid out: its pictures, all of
     * them loaded; what it was forbidden; its errors; its headings; whether it is wider than the
     * window.
     */
    private static final String PROBE =
            """
            <meta http-equiv="Content-Security-Policy"
              content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"/>
            <script>
            const errors = [];
            const requests = [];
            addEventListener('securitypolicyviolation', e => requests.push(e.blockedURI));
            addEventListener('error', e => errors.push(e.message || 'not loaded: ' + e.target.src), true);
            const copies = [];
            // Those of an SVG cannot be asked themselves. All are there before the page has loaded.
            addEventListener('DOMContentLoaded', () => {
              const thumbnails = [...document.querySelectorAll('svg image')];
              thumbnails.forEach(t => copies.push(Object.assign(new Image(), {src: t.href.baseVal})));
            });
            addEventListener('load', () => {
              const width = image => image.complete ? image.naturalWidth : 0;
              const seen = [...document.querySelectorAll('h1, h2')].filter(h => h.getBoundingClientRect().height > 0);
              const probe = document.createElement('pre');
              probe.id = 'probe';
              probe.textContent = JSON.stringify({
                images: [...document.images].map(width),
                thumbnails: copies.map(width),
                requests: requests,
                errors: errors,
                headings: seen.map(h => h.textContent),
                circles: [...document.querySelectorAll('circle')].filter(c => c.getBoundingClientRect().width > 0).length,
                overflow: document.documentElement.scrollWidth - innerWidth,
              });
              document.body.append(probe);
            });
            </script>
            """;

    /** The first of the usual names that is on the path. */
    static Optional<Browser> find() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .map(Browser::new);
    }

    /**
     * Opens a page.
     *
     * @param folder for files of this call
     * @param width of the window
     */
    JsonNode open(String html, Path folder, int width) throws IOException, InterruptedException {
        Path page = folder.resolve("probed.html");
        // Before everything else, so that it hears of every error; pictures below the window, too.
        Files.writeString(
                page,
                html.replace("<head>", "<head>" + PROBE)
                        .replace("loading=\"lazy\"", "loading=\"eager\""));
        Path dom = folder.resolve("dom.html");
        Path log = folder.resolve("browser.log");
        Process process =
                new ProcessBuilder(
                                program.toString(),
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-dev-shm-usage",
                                "--no-first-run",
                                "--user-data-dir=" + folder.resolve("profile"),
                                "--window-size=" + width + ",900",
                                "--enable-logging=stderr",
                                "--dump-dom",
                                page.toUri().toString())
                        .redirectOutput(dom.toFile())
                        .redirectError(log.toFile())
                        .start();
        boolean ended = process.waitFor(3, TimeUnit.MINUTES);
        process.destroyForcibly().waitFor();
        assertThat(ended).as("%s ends by itself", program).isTrue();
        ObjectNode seen = probe(Files.readString(dom));
        ArrayNode console = seen.putArray("console");
        Files.readAllLines(log).stream()
                .filter(line -> line.contains(":CONSOLE"))
                .forEach(console::add);
        return seen;
    }

    private static ObjectNode probe(String dom) throws IOException {
        int at = dom.indexOf(OPENING);
        assertThat(at).as("the page's probe has answered").isPositive();
        String json = dom.substring(at + OPENING.length(), dom.indexOf("</pre>", at));
        return (ObjectNode)
                new ObjectMapper()
                        .readTree(
                                json.replace("&lt;", "<")
                                        .replace("&gt;", ">")
                                        .replace("&amp;", "&"));
    }
}
