import { expect, it } from "vitest";
import { childEnvironment } from "./child-environment.js";

it("passes on paths, and nothing that may be a secret", () => {
  const passed = {
    PATH: "/usr/bin",
    HOME: "/home/a",
    TMPDIR: "/tmp/a",
    LANG: "de_DE.UTF-8",
    LC_ALL: "C",
    FONTCONFIG_FILE: "/etc/fonts/a",
    Path: "C:\\Windows",
  };
  const kept = {
    NATS_URL: "nats://a:secret@b",
    DATABASE_URL: "postgres://a:secret@b/c",
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=secret",
    AWS_SECRET_ACCESS_KEY: "secret",
    POLYREEL_STORE: "/srv/store",
    SSH_AUTH_SOCK: "/run/ssh",
    LC_secret: "secret",
    NODE_OPTIONS: "--require /secret.js",
    LD_PRELOAD: "/secret.so",
  };
  expect(childEnvironment({ ...passed, ...kept })).toEqual({ ...passed, PULSE_SERVER: "unix:/dev/null" });
});
