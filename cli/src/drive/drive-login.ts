import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import {
  type AuthorizedUser,
  credentialsText,
  DriveConsent,
  driveAccount,
  parseOAuthClient,
} from "@polyreel/uploader/drive";
import { LoopbackRedirect } from "../browser/loopback-redirect.js";
import { openPage } from "../browser/open-page.js";
import { pastedAddresses } from "../browser/pasted-addresses.js";
import { exitCodes } from "../exit-codes.js";
import { interruptible } from "../interrupt.js";
import { ProblemsError } from "../problem.js";
import type { Terminal } from "../terminal/terminal.js";

export interface DriveLoginOptions {
  client: string;
  out: string;
  force?: boolean | undefined;
  /** Whether a browser may be opened. */
  browser: boolean;
  scope: "drive.file" | "drive";
  endpoint?: string | undefined;
  json?: boolean | undefined;
}

/** `polyreel drive login`. */
export async function driveLogin(options: DriveLoginOptions, terminal: Terminal): Promise<number> {
  const out = resolve(options.out);
  const client = await readClient(options.client);
  if (!options.force && (await stat(out).catch(() => undefined))) throw exists(options.out);
  return interruptible(terminal, async (signal) => {
    const credentials = await consent(client, options, terminal, signal);
    await write(out, credentials, options);
    const account = await driveAccount({ credentials: out, endpoint: options.endpoint }, signal).catch(
      (error: unknown) => {
        terminal.note(`The credentials are in ${out}, but a test of them failed.\n`);
        throw error;
      },
    );
    const { email, name } = account;
    const result = { file: out, account: { email, name }, scope: options.scope };
    await terminal.print(options.json ? `${JSON.stringify(result)}\n` : `${out}: the Drive of ${name} <${email}>\n`);
    return exitCodes.delivered;
  });
}

/** Whichever comes first counts: the browser's redirect to this machine, or the address pasted from another one. */
async function consent(
  client: ReturnType<typeof parseOAuthClient>,
  { browser, scope }: DriveLoginOptions,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<AuthorizedUser> {
  const redirect = await LoopbackRedirect.listen();
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  try {
    const page = await DriveConsent.open(client, { redirectUri: redirect.uri, scope });
    terminal.note(`Allow Polyreel to use your Drive on this page:\n\n  ${page.address}\n\n`);
    if (browser) await openPage(page.address);
    terminal.note("In a browser on another machine, the last page fails to load: paste its address here.\n");
    for await (const address of redirect.addresses(pastedAddresses(either), either)) {
      try {
        const credentials = await page.redeem(address.url);
        address.answer("Polyreel may use your Drive now. You can close this page.");
        return credentials;
      } catch (error) {
        const { code, failure } = toPolyreelError(error);
        address.answer(failure.reason);
        // Another address may be the right one: something else called this port, or half of it was pasted.
        if (code !== "invalid") throw error;
        terminal.note(`${failure.reason} ${failure.remedy}\n`);
      }
    }
    signal.throwIfAborted();
    throw new PolyreelError("cancelled", "No address was given.");
  } finally {
    done.abort();
    redirect.close();
  }
}

async function readClient(file: string) {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw usage(
      "The OAuth client cannot be read.",
      file,
      "Download it from Google's console as client_secret.json.",
      error,
    );
  }
  try {
    return parseOAuthClient(text);
  } catch (error) {
    const { failure } = toPolyreelError(error);
    throw usage(failure.reason.replace("The credentials file", "This file"), file, failure.remedy, error);
  }
}

/** Complete or not at all, and readable for its owner alone from the beginning. */
async function write(out: string, credentials: AuthorizedUser, options: DriveLoginOptions): Promise<void> {
  const temporary = `${out}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, credentialsText(credentials), { mode: 0o600, flag: "wx" });
    if (options.force) await rename(temporary, out);
    else await link(temporary, out);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw exists(options.out);
    throw usage(`The credentials cannot be written (${code}).`, options.out, "Give another file with --out.", error);
  } finally {
    await rm(temporary, { force: true });
  }
}

const exists = (file: string): ProblemsError =>
  usage("There is something of this name already.", file, "Give another file with --out, or replace it with --force.");

const usage = (what: string, file: string, remedy: string, cause?: unknown): ProblemsError =>
  new ProblemsError([{ what, where: { file }, remedy }], exitCodes.usage, { cause });
