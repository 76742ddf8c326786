import { expect, it } from "vitest";
import { documentedVariables, imageEnvironment, readCompose } from "./compose-file.js";
import { loopback } from "./loopback.js";

const SERVICES = ["gateway", "planner", "tts", "renderer", "uploader"];
/** Of OpenTelemetry, Node and POSIX, which docs/configuration.md does not repeat. */
const STANDARD = ["OTEL_RESOURCE_ATTRIBUTES", "NODE_ENV", "TMPDIR"];

it("sets variables that services know", async () => {
  const compose = await readCompose();
  const known = new Set([...(await documentedVariables()), ...STANDARD]);
  const image = Object.keys(await imageEnvironment());
  expect(image).toContain("POLYREEL_OUTPUT");
  for (const name of SERVICES) {
    const variables = [...Object.keys(compose[name]?.environment ?? {}), ...image];
    expect(variables.length).toBeGreaterThan(10);
    expect(
      variables.filter((one) => !known.has(one)),
      name,
    ).toEqual([]);
  }
});

it("maps what an environment names to this machine", () => {
  const mapped = loopback(
    {
      NATS_URL: "nats://nats:4222",
      DATABASE_URL: "postgres://user:word@postgres:5432/polyreel",
      GATEWAY_HOST: "0.0.0.0",
      POLYREEL_STORE: "/data/store",
      POLYREEL_OUTPUT: "/videos",
      LOG_LEVEL: "info",
    },
    { ports: { nats: 1001, postgres: 1002 }, folders: { "/data": "/tmp/a", "/videos": "/tmp/b" } },
  );
  expect(mapped).toEqual({
    NATS_URL: "nats://127.0.0.1:1001",
    DATABASE_URL: "postgres://user:word@127.0.0.1:1002/polyreel",
    GATEWAY_HOST: "127.0.0.1",
    POLYREEL_STORE: "/tmp/a/store",
    POLYREEL_OUTPUT: "/tmp/b",
    LOG_LEVEL: "info",
  });
});

it("does not map the address of a server that is not started", () => {
  expect(() => loopback({ A: "http://jaeger:4318" }, { ports: {}, folders: {} })).toThrow("jaeger");
});
