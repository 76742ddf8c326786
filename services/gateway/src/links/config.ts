import { parseSpan } from "@polyreel/platform";
import { readEnvironment } from "@polyreel/platform/runtime";
import { EnvError, makeValidator, str } from "envalid";
import { baseUrl } from "./base-url.js";
import { type LinkKey, parseLinkKeys } from "./link-keys.js";
import { MAX_LINK_LIFETIME_MS } from "./signed-links.js";

/** How links are made; the keys are read by `openLinkKeys`. */
export interface LinkConfig {
  readonly lifetimeMs: number;
  /** Where clients reach the gateway; by default where it listens. */
  readonly publicUrl: string | undefined;
  readonly cdnUrl: string | undefined;
  /** From the environment. */
  readonly keys: readonly LinkKey[];
  /** A file with the keys instead; empty for none. */
  readonly keysFile: string;
}

export const linkDefaults: LinkConfig = {
  lifetimeMs: 24 * 3_600_000,
  publicUrl: undefined,
  cdnUrl: undefined,
  keys: [],
  keysFile: "",
};

/** A base URL for links; undefined if empty. */
const base = makeValidator<string | undefined>((text) => {
  if (text === "") return undefined;
  const url = baseUrl(text);
  if (url !== undefined) return url;
  throw new EnvError("not a base URL, as in https://studio.example or https://studio.example/polyreel");
});

const lifetime = makeValidator<number>((text) => {
  const ms = parseSpan(text);
  if (ms !== undefined && ms >= 1000 && ms <= MAX_LINK_LIFETIME_MS) return ms;
  throw new EnvError(`must be between 1s and 7d, as in 24h, got "${text}"`);
});

/** Errors show no secret. */
const linkKeys = makeValidator<readonly LinkKey[]>((text) => {
  try {
    return parseLinkKeys(text);
  } catch (error) {
    throw new EnvError((error as Error).message);
  }
});

export function readLinkConfig(env: NodeJS.ProcessEnv): LinkConfig {
  const values = readEnvironment(
    {
      POLYREEL_PUBLIC_URL: base({
        default: undefined,
        desc: "where clients reach the gateway: the beginning of links",
      }),
      POLYREEL_CDN_URL: base({ default: undefined, desc: "the same for links to outputs, where a CDN serves them" }),
      POLYREEL_LINK_KEYS: linkKeys({ default: [], desc: "keys of signed links, as id:secret,id:secret" }),
      POLYREEL_LINK_KEYS_FILE: str({ default: "", desc: "file with the keys of signed links" }),
      POLYREEL_LINK_LIFETIME: lifetime({
        default: linkDefaults.lifetimeMs,
        desc: "how long signed links work, like 24h; at most 7d",
      }),
    },
    env,
  );
  return {
    lifetimeMs: values.POLYREEL_LINK_LIFETIME,
    publicUrl: values.POLYREEL_PUBLIC_URL,
    cdnUrl: values.POLYREEL_CDN_URL,
    keys: values.POLYREEL_LINK_KEYS,
    keysFile: values.POLYREEL_LINK_KEYS_FILE,
  };
}
