// Runs programs: quietly on success, with a message for long ones, and with their output on failure.
import { spawn } from "node:child_process";
import { environment } from "./system.mjs";

const TELL_AFTER_MS = 2_000;
const TELL_AGAIN_MS = 15_000;
/** The end of a failed program's output shows what was wrong. */
const OUTPUT_BYTES = 8_000;

/** An expected problem, printed without a stack. */
export class SetupError extends Error {}

/**
 * @param {string} title Description for people.
 * @param {string[]} command Program and arguments.
 * @param {Record<string, string>} [extraEnvironment]
 */
export async function runQuietly(title, [program, ...args], extraEnvironment = {}) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  let announced = false;
  const tell = () => {
    console.log(announced ? `${title}: still at it after ${seconds()} s` : `${title} ...`);
    announced = true;
    timer = setTimeout(tell, TELL_AGAIN_MS);
  };
  let timer = setTimeout(tell, TELL_AFTER_MS);

  let output = "";
  const child = start(program, args, ["ignore", "pipe", "pipe"], extraEnvironment);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-OUTPUT_BYTES);
    });
  }
  try {
    const { code, error } = await ended(child);
    if (code !== 0) {
      throw new SetupError(
        `${title} failed: ${[program, ...args].join(" ")}\n${error ? error.message : output.trim() || `exit code ${code}`}`,
      );
    }
    if (announced) console.log(`${title}: done in ${seconds()} s`);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a program on this terminal; resolves to its exit code. @param {string[]} command @param {Record<string, string>} [extraEnvironment] @returns {Promise<number>} */
export async function runShown([program, ...args], extraEnvironment = {}) {
  const child = start(program, args, "inherit", extraEnvironment);
  // Ctrl-C reaches the whole group by itself; a signal to this process alone is forwarded, and the child's end awaited.
  const pass = (signal) => child.kill(signal);
  const wait = () => {};
  process.on("SIGTERM", pass).on("SIGHUP", pass).on("SIGINT", wait);
  const { code, error } = await ended(child);
  process.off("SIGTERM", pass).off("SIGHUP", pass).off("SIGINT", wait);
  if (error) throw new SetupError(`${program} could not be started: ${error.message}`);
  return code;
}

function start(program, args, stdio, extraEnvironment = {}) {
  // npm is a script on Windows, which only a shell runs; no argument here comes from outside.
  const shell = process.platform === "win32" && program === "npm";
  return spawn(program, args, { stdio, shell, env: { ...environment(), ...extraEnvironment } });
}

/** A program ended by a signal has exit code 128 and more, as in shells. */
const ended = (child) =>
  new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 1, error }));
    child.once("close", (code, signal) => resolve({ code: code ?? (signal === "SIGINT" ? 130 : 143) }));
  });
