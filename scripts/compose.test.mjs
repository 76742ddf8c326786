import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const compose = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true });
const ours = readdirSync("services");

describe("docker-compose.yml", () => {
  it("starts every service from its own main file", () => {
    expect(Object.keys(compose.services).sort()).toEqual([...ours, "jaeger", "nats", "postgres"].sort());
    for (const name of ours) {
      expect(compose.services[name].command).toEqual([`services/${name}/dist/main.js`]);
      expect(existsSync(`services/${name}/src/main.ts`)).toBe(true);
    }
  });

  it("lets all services share the stream, the data and the tracing", () => {
    for (const name of ours) {
      const { environment, volumes, depends_on } = compose.services[name];
      expect(environment).toMatchObject({ NATS_URL: "nats://nats:4222" });
      expect(environment.OTEL_EXPORTER_OTLP_ENDPOINT).toContain("http://jaeger:4318");
      expect(volumes).toEqual(["data:/data"]);
      expect(Object.keys(depends_on)).toEqual(name === "gateway" ? ["nats", "postgres"] : ["nats"]);
    }
  });

  it("gives the gateway a database that is not reachable from outside", () => {
    const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = compose.services.postgres.environment;
    expect(compose.services.gateway.environment.DATABASE_URL).toBe(
      `postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`,
    );
    expect(compose.services.postgres.ports).toBeUndefined();
  });

  it("disables authentication explicitly, and restricts the gateway to this machine's host names", () => {
    const { GATEWAY_HOST, POLYREEL_AUTH, GATEWAY_ALLOWED_HOSTS } = compose.services.gateway.environment;
    expect(GATEWAY_HOST).toBe("0.0.0.0");
    expect(POLYREEL_AUTH).toBe("none");
    expect(GATEWAY_ALLOWED_HOSTS).toContain("gateway");
  });

  it("declares the volumes that it mounts", () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((one) => one.split(":")[0]),
    );
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(mounted)].sort());
  });

  it("publishes ports on loopback only", () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});
