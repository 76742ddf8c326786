import { EnvError, makeValidator, str } from "envalid";
import { PolyreelError } from "../errors.js";
import { readEnvironment } from "../runtime/config.js";
import { type MasterKey, parseMasterKeys } from "./master-keys.js";

/** Where the master keys of secrets are; `openMasterKeys` reads the file. */
export interface SecretsConfig {
  /** From the environment. */
  readonly keys: readonly MasterKey[];
  /** A file with the keys instead; empty for none. */
  readonly keysFile: string;
}

export const secretsDefaults: SecretsConfig = { keys: [], keysFile: "" };

/** Errors show no key. */
const masterKeys = makeValidator<readonly MasterKey[]>((text) => {
  try {
    return parseMasterKeys(text);
  } catch (error) {
    throw new EnvError((error as Error).message);
  }
});

/** Converts the variables of services that use secrets. Throws PolyreelError `invalid`; its message contains no key. */
export function readSecretsConfig(env: NodeJS.ProcessEnv): SecretsConfig {
  const values = readEnvironment(
    {
      POLYREEL_SECRET_KEYS: masterKeys({ default: [], desc: "master keys of secrets, as id:base64,id:base64" }),
      POLYREEL_SECRET_KEYS_FILE: str({ default: "", desc: "file with the master keys of secrets" }),
    },
    env,
  );
  const config = { keys: values.POLYREEL_SECRET_KEYS, keysFile: values.POLYREEL_SECRET_KEYS_FILE };
  if (config.keys.length === 0 || config.keysFile === "") return config;
  throw new PolyreelError("invalid", {
    reason: "POLYREEL_SECRET_KEYS and POLYREEL_SECRET_KEYS_FILE are both set.",
    remedy: "Unset one of them.",
  });
}
