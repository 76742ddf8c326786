import { readFileSync } from "node:fs";
import { PolyreelError } from "@polyreel/platform";
import { systemCode } from "@polyreel/platform/files";
import { readEnvironment } from "@polyreel/platform/runtime";
import { str } from "envalid";
import { parseProviders } from "./settings/parse-providers.js";
import type { ProviderSettings } from "./settings/provider-settings.js";

const variables = {
  POLYREEL_OIDC: str({ default: "", desc: "file of OpenID providers whose people and programs may call" }),
};

/** Reads the file of providers; none without one. Throws PolyreelError `invalid`, whose text has no secret. */
export function readOidcConfig(env: NodeJS.ProcessEnv): readonly ProviderSettings[] {
  const file = readEnvironment(variables, env).POLYREEL_OIDC;
  return file === "" ? [] : parseProviders(file, textOf(file), env);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new PolyreelError("invalid", {
      reason: `The file of OpenID providers, ${file}, can't be read (${systemCode(error) ?? "unknown error"}).`,
      remedy: "POLYREEL_OIDC names a YAML or JSON file that the gateway's user may read; unset it to have none.",
    });
  }
}
