import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { guardArguments } from "@polyreel/platform/process";
import { freePort } from "@polyreel/platform/testing";
import { stringify } from "yaml";

const EVERY = "500ms";
const START_MS = 30_000;

/** A Prometheus on loopback that evaluates `rules` on the ports of operators, by the services' names. */
export async function startPrometheus(parent: string, rules: string, ports: Readonly<Record<string, number>>) {
  const folder = join(parent, "prometheus");
  await mkdir(folder);
  await writeFile(join(folder, "alerts.yaml"), rules);
  const static_configs = Object.values(ports).map((port) => ({ targets: [`127.0.0.1:${port}`] }));
  const config = {
    global: { scrape_interval: EVERY, scrape_timeout: EVERY, evaluation_interval: EVERY },
    rule_files: ["alerts.yaml"],
    scrape_configs: [{ job_name: "polyreel", static_configs }],
  };
  await writeFile(join(folder, "prometheus.yaml"), stringify(config));
  const url = `http://127.0.0.1:${await freePort()}`;
  const [program = "", ...args] = await guardArguments("prometheus");
  const files = [`--config.file=${folder}/prometheus.yaml`, `--storage.tsdb.path=${folder}/data`];
  const child = spawn(program, [...args, ...files, `--web.listen-address=${new URL(url).host}`, "--log.level=error"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(child, "close");
  const ready = async () => (await fetch(`${url}/-/ready`).catch(() => undefined))?.status;
  for (const until = Date.now() + START_MS; (await ready()) !== 200; await delay(50)) {
    if (Date.now() > until || child.exitCode !== null) throw new Error("Prometheus did not start.");
  }
  /** Labels of each result of an expression. */
  const query = async (expression: string): Promise<Record<string, string>[]> => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
    const { data, error } = (await answer.json()) as {
      data: { result: { metric: Record<string, string> }[] };
      error?: string;
    };
    if (error) throw new Error(`${expression}: ${error}`);
    return data.result.map(({ metric }) => metric);
  };
  const namesOf = (all: readonly Record<string, string>[]) => [...new Set(all.map(({ alertname = "" }) => alertname))];
  return {
    query,
    /** Names of the alerts that fire now. */
    firing: async () => namesOf(await query('ALERTS{alertstate="firing"}')).sort(),
    /** Names of those that fired at any time since then. */
    firedSince: async (then: number) => {
      const window = `${Date.now() - then}ms`;
      return namesOf(await query(`last_over_time(ALERTS{alertstate="firing"}[${window}])`)).sort();
    },
    close: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
