import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runFfmpeg } from "@polyreel/media/ffmpeg";

const PROGRAM = fileURLToPath(new URL("../../bin/polyreel.mjs", import.meta.url));

export interface Run {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** A running command. */
export interface Running {
  child: ChildProcess;
  ended: Promise<Run>;
  /** Waits for output that matches, on standard output or error, and returns the match. */
  waitForOutput(what: RegExp): Promise<string>;
}

/** A server that is running. */
export interface Server extends Running {
  readonly url: string;
  /** Runs a command that talks to it. */
  run(...args: string[]): Promise<Run>;
  /** Sends a signal, and waits for its end. */
  stop(signal?: NodeJS.Signals): Promise<Run>;
}

/** A folder of its own for a test, in which the real command runs, with temporary files of its own that can be counted. */
export class Workshop {
  readonly #started = new Set<ChildProcess>();

  private constructor(readonly folder: string) {}

  static async open(): Promise<Workshop> {
    const workshop = new Workshop(await mkdtemp(join(tmpdir(), "polyreel-cli-")));
    await mkdir(workshop.path("tmp"));
    return workshop;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  /** Encodes a small film of a test picture with a tone in Hz; another tone gives other bytes. */
  async film(name: string, seconds: number, tone = 330): Promise<void> {
    await runFfmpeg({
      inputs: [
        { lavfi: `testsrc2=s=180x320:r=30:d=${seconds},hue=h=${tone}` },
        { lavfi: `sine=f=${tone}:r=48000:d=${seconds}` },
      ],
      outputs: [{ file: this.path(name), options: ["-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac"] }],
      maxOutputBytes: 20_000_000,
      deadlineSeconds: 60,
      signal: new AbortController().signal,
    });
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}, stdin: "ignore" | "pipe" = "ignore"): Running {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      cwd: this.folder,
      stdio: [stdin, "pipe", "pipe"],
      env: {
        ...process.env,
        POLYREEL_STORE: this.path("store"),
        TMPDIR: this.path("tmp"),
        XDG_CACHE_HOME: this.path("cache"),
        XDG_CONFIG_HOME: this.path("config"),
        ...env,
      },
    });
    this.#started.add(child);
    const run: Run = { exitCode: null, stdout: "", stderr: "" };
    const waiting = new Set<() => void>();
    const listen = (stream: "stdout" | "stderr") =>
      child[stream]?.setEncoding("utf8").on("data", (text: string) => {
        run[stream] += text;
        for (const look of waiting) look();
      });
    listen("stdout");
    listen("stderr");
    const ended = new Promise<Run>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exitCode) => resolve({ ...run, exitCode }));
    });
    const waitForOutput = (what: RegExp) =>
      new Promise<string>((resolve, reject) => {
        const look = () => {
          const match = what.exec(run.stdout) ?? what.exec(run.stderr);
          if (match) resolve(match[0]);
        };
        waiting.add(look);
        look();
        ended.then(() => reject(new Error(`The command ended without printing ${what}: ${run.stderr}`)), reject);
      });
    return { child, ended, waitForOutput };
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
    return this.start(args, env).ended;
  }

  /** Starts `polyreel up` with more arguments on a free port, and waits until it listens. */
  async up(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
    const up = this.start(["up", "--port", "0", ...args], env);
    const url = await up.waitForOutput(/http:\/\/127\.0\.0\.1:\d+(?=\n)/);
    return {
      ...up,
      url,
      run: (...command) => this.run(command, { POLYREEL_SERVER: url }),
      stop: (signal = "SIGTERM") => {
        up.child.kill(signal);
        return up.ended;
      },
    };
  }

  /**
   * Processes started here, at any depth, that still run. They are recognised by the temporary folder in their
   * environment, which only Linux exposes; elsewhere the list is empty.
   */
  async processesLeft(): Promise<string[]> {
    return (await this.#processes()).map(({ command }) => command);
  }

  /** Process id of the first one whose command line matches. */
  async pidOf(command: RegExp): Promise<number | undefined> {
    return (await this.#processes()).find((one) => command.test(one.command))?.pid;
  }

  async #processes(): Promise<{ pid: number; command: string }[]> {
    // At once: they are hundreds of small files, and some tests look many times a second.
    const pids = readdirIfThere("/proc").filter((name) => /^\d+$/.test(name));
    return pids
      .filter((pid) =>
        textIfThere(`/proc/${pid}/environ`)
          .split("\0")
          .includes(`TMPDIR=${this.path("tmp")}`),
      )
      .map((pid) => ({ pid: Number(pid), command: textIfThere(`/proc/${pid}/cmdline`).replaceAll("\0", " ") }));
  }

  /** Remaining temporary files. */
  temporaryFiles(): Promise<string[]> {
    return readdir(this.path("tmp"), { recursive: true });
  }

  /** Ends processes that a failed test left running, in order, and removes the folder. */
  async close(): Promise<void> {
    const running = [...this.#started].filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    for (const child of running) child.kill("SIGTERM");
    await Promise.all(running.map((child) => once(child, "close")));
    await rm(this.folder, { recursive: true, force: true });
  }
}

function readdirIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
