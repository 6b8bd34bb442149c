package dev.plumbline.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.plumbline.server.config.PlumblineConfig.StartModel;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.validator.BeanValidationConfigValidator;
import jakarta.validation.Validation;
import jakarta.validation.Validator;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Settings as an operator gives them. */
class PlumblineConfigTest {
    @Test
    void hasDefaultsUnderTheHome() {
        PlumblineConfig config = config(Map.of("plumbline.home", "/srv/plumbline"));
        assertThat(config.plugins().dir()).isEqualTo(Path.of("/srv/plumbline/plugins"));
        assertThat(new Folders(config).runs()).isEqualTo(Path.of("/srv/plumbline/runs"));
        assertThat(config.inference().queue()).isEqualTo(64);
        assertThat(config.models()).isEmpty();
        PlumblineConfig bare = config(Map.of("user.home", "/home/someone"));
        assertThat(bare.home()).isEqualTo(Path.of("/home/someone/.plumbline"));
        assertThat(bare.plugins().dir()).isEqualTo(Path.of("/home/someone/.plumbline/plugins"));
    }

    @Test
    void takesModelsByName() {
        PlumblineConfig config =
                config(
                        Map.of(
                                "plumbline.models.llava", "/models/a",
                                "plumbline.models.\"llava-1.5-7b\"", "/models/b",
                                "plumbline.models.\"llava-1.5-7b\".precision", "int4",
                                "plumbline.models.\"llava-1.5-7b\".context-length", "2048",
                                "plumbline.clips.clip", "/models/c"));
        assertThat(config.models()).containsOnlyKeys("llava", "llava-1.5-7b");
        assertThat(config.models().get("llava"))
                .returns(Path.of("/models/a"), StartModel::folder)
                .returns("fp32", StartModel::precision)
                .returns(0, StartModel::contextLength);
        assertThat(config.models().get("llava-1.5-7b"))
                .returns(Path.of("/models/b"), StartModel::folder)
                .returns("int4", StartModel::precision)
                .returns(2048, StartModel::contextLength);
        assertThat(config.clips()).containsEntry("clip", Path.of("/models/c"));
    }

    @Test
    void whatIsUnknownOrOutOfRangeStopsTheStart() {
        assertThatThrownBy(() -> config(Map.of("plumbline.hoem", "/x")))
                .hasMessageContaining("plumbline.hoem");
        assertThatThrownBy(() -> config(Map.of("plumbline.inference.queue", "0")))
                .hasMessageContaining("plumbline.inference.queue");
        assertThatThrownBy(() -> config(Map.of("plumbline.inference.workers", "many")))
                .hasMessageContaining("plumbline.inference.workers");
    }

    private static PlumblineConfig config(Map<String, String> properties) {
        var all = new HashMap<>(Map.of("user.home", "/home/nobody"));
        all.putAll(properties);
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withSources(new PropertiesConfigSource(all, "test", 1000))
                .withConverter(
                        Path.class, 100, new io.quarkus.runtime.configuration.PathConverter())
                .withConverter(
                        Duration.class,
                        100,
                        new io.quarkus.runtime.configuration.DurationConverter())
                .withMapping(PlumblineConfig.class)
                .withValidator(new Beans())
                .build()
                .getConfigMapping(PlumblineConfig.class);
    }

    private static final class Beans implements BeanValidationConfigValidator {
        @Override
        public Validator getValidator() {
            return Validation.buildDefaultValidatorFactory().getValidator();
        }
    }
}
