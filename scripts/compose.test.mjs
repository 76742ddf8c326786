import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { seaweedfs } from "./setup/python-wheels.mjs";

const compose = parse(readFileSync("docker-compose.yml", "utf8"), { merge: true });
const dockerfile = readFileSync("Dockerfile", "utf8");
const ours = readdirSync("services");

describe("docker-compose.yml", () => {
  it("starts every service from its own main file", () => {
    expect(Object.keys(compose.services).sort()).toEqual(
      [...ours, "grafana", "jaeger", "nats", "postgres", "prometheus", "s3"].sort(),
    );
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
      expect(volumes).toContain("data:/data");
      const needed = name === "gateway" ? ["nats", "postgres", "s3"] : ["nats", "s3"];
      expect(Object.keys(depends_on).sort()).toEqual(needed);
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

  it("starts an S3 server with its profile only, and configures the services to use a bucket of it", () => {
    const { profiles, image, build, command, environment, ports } = compose.services.s3;
    expect(profiles).toEqual(["s3"]);
    expect(image).toBe(`polyreel-s3:${seaweedfs.version}`);
    expect(build.dockerfile_inline).toContain(`FROM chrislusf/seaweedfs:${seaweedfs.version}\n`);
    expect(ports).toBeUndefined();
    const lines = readFileSync("deploy/compose/s3.env", "utf8").split("\n");
    const entries = lines
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => /^([A-Z0-9_]+)=(.*)$/.exec(line)?.slice(1));
    const variables = Object.fromEntries(entries);
    expect(variables.COMPOSE_PROFILES).toBe("s3");
    const port = command.find((flag) => flag.startsWith("-s3.port=")).slice("-s3.port=".length);
    expect(variables.POLYREEL_STORE).toBe(`s3://media/polyreel?endpoint=http://s3:${port}&create=true`);
    for (const name of ours) {
      const { depends_on, environment } = compose.services[name];
      expect(environment.POLYREEL_STORE).toMatch(/^\$\{POLYREEL_STORE:-\/data\/store\}$/);
      expect(depends_on.s3).toEqual({ condition: "service_healthy", required: false });
    }
    const keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
    for (const key of keys) {
      const from = key.replace("AWS_", "S3_");
      expect(variables[from]).toMatch(/./);
      for (const name of [...ours, "s3"]) expect(compose.services[name].environment[key]).toBe(`\${${from}:-}`);
    }
    expect(Object.keys(environment).sort()).toEqual(keys);
  });

  it("gives each service its own user of NATS, with the file for that", () => {
    const { services } = parse(readFileSync("deploy/compose/nats-users.yml", "utf8"), { merge: true });
    expect(Object.keys(services).sort()).toEqual([...ours, "nats"].sort());
    expect(services.nats.volumes).toEqual(["./nats/accounts.conf:/etc/polyreel/accounts.conf:ro"]);
    expect(services.nats.command).toEqual(["--config=/etc/polyreel/accounts.conf", ...compose.services.nats.command]);
    for (const name of ours) {
      const path = services[name].environment.POLYREEL_NATS_NKEY_FILE;
      expect(services[name].volumes).toEqual([`./nats/users/${name}.nk:${path}:ro`]);
    }
  });

  it("starts Prometheus and Grafana with their profile only; Prometheus scrapes every service", () => {
    const { profiles, command, volumes } = compose.services.prometheus;
    expect(profiles).toEqual(["metrics"]);
    expect(command).toContain("--config.file=/etc/prometheus/prometheus.yaml");
    expect(volumes).toContain("./deploy/prometheus:/etc/prometheus:ro");
    const { scrape_configs } = parse(readFileSync("deploy/prometheus/prometheus.yaml", "utf8"));
    const [{ names, port }] = scrape_configs[0].dns_sd_configs;
    expect(names.sort()).toEqual([...ours].sort());
    for (const name of ours) {
      const { environment, healthcheck } = compose.services[name];
      expect(environment).toMatchObject({ POLYREEL_OPS_HOST: "0.0.0.0", POLYREEL_OPS_PORT: String(port) });
      expect(healthcheck.test.at(-1)).toContain(`http://127.0.0.1:${port}/ready`);
    }
  });

  it("gives Grafana the boards, and the Prometheus that they name", () => {
    const { profiles, volumes, environment } = compose.services.grafana;
    expect(profiles).toEqual(["metrics"]);
    const mounts = Object.fromEntries(volumes.map((one) => one.split(":")).map(([from, to]) => [to, from]));
    const home = environment.GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH;
    expect(existsSync(join(mounts[dirname(home)], basename(home)))).toBe(true);
    const provisioning = mounts["/etc/grafana/provisioning"];
    const { providers } = parse(readFileSync(join(provisioning, "dashboards/boards.yaml"), "utf8"));
    expect(providers[0].options.path).toBe(dirname(home));
    const { datasources } = parse(readFileSync(join(provisioning, "datasources/prometheus.yaml"), "utf8"));
    const board = JSON.parse(readFileSync(join(mounts[dirname(home)], basename(home)), "utf8"));
    expect(datasources[0].uid).toBe(board.panels[0].datasource.uid);
    expect(datasources[0].url).toBe("http://prometheus:9090");
  });

  it("declares the volumes that it mounts", () => {
    const mounted = Object.values(compose.services)
      .flatMap(({ volumes = [] }) => volumes.map((one) => one.replace(/\$\{\w+:-(\w+)\}/, "$1").split(":")[0]))
      .filter((name) => !name.startsWith("./"));
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(mounted)].sort());
  });

  it("publishes ports on loopback only, and NATS for its tools", () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    expect(ports).toContain("127.0.0.1:4222:4222");
    expect(compose.services.gateway.ports).toEqual(["127.0.0.1:8080:8080"]);
  });
});

describe("containers", () => {
  const named = Object.entries(compose.services);

  it.each(named)("%s has no root, no capability, and a file system that only reads", (_name, service) => {
    expect(service.user).toMatch(/^[1-9]\d*:\d+$/);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    expect(service.security_opt).toEqual(["no-new-privileges:true"]);
    expect(JSON.stringify(service.tmpfs)).toContain("/tmp:size=");
    expect(service.privileged ?? service.network_mode ?? service.pid).toBeUndefined();
  });

  it("come from images of one exact version", () => {
    const inline = named.flatMap(([, { build }]) => build?.dockerfile_inline ?? []);
    const sources = [dockerfile, ...inline].flatMap((text) =>
      [...text.matchAll(/^FROM (\S+)/gm)].map(([, one]) => one),
    );
    const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\w+)/gm)].map(([, one]) => one);
    const images = named.map(([, { image }]) => image.replace(/-\$\{\w+:-core\}$/, ""));
    expect(sources.length).toBeGreaterThan(5);
    for (const image of [...sources.filter((one) => !stages.includes(one)), ...images]) {
      expect(image).toMatch(/^[a-z][a-z0-9/-]*:v?\d+\.\d+/);
    }
  });

  it("share one image of this version, whose targets the Dockerfile has", () => {
    const { version } = JSON.parse(readFileSync("services/gateway/package.json", "utf8"));
    for (const name of ours) expect(compose.services[name].image).toBe(`polyreel:${version}-\${POLYREEL_IMAGE:-core}`);
    for (const target of ["core", "full"]) expect(dockerfile).toMatch(new RegExp(`^FROM runtime AS ${target}$`, "m"));
    expect(dockerfile.trimEnd()).toMatch(/AS core$/); // What `docker build .` makes.
  });

  it("build without fetching a frontend, and run as the same user", () => {
    expect(dockerfile).not.toMatch(/^# *syntax/m);
    expect(dockerfile).toContain("useradd --uid 1000");
    for (const name of ours) expect(compose.services[name].user).toBe("1000:1000");
  });

  it("gives the renderer no master keys of secrets", () => {
    const having = ours.filter((name) => "POLYREEL_SECRET_KEYS" in compose.services[name].environment);
    expect(having.sort()).toEqual(ours.filter((name) => name !== "renderer").sort());
  });
});
