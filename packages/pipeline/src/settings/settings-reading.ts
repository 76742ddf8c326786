import { resolve } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { isTenant, parseS3Address, type S3Address } from "@polyreel/platform/blobs";
import { parseSecretName } from "@polyreel/platform/secrets";
import { nearest } from "@polyreel/spec";
import type { PlainYaml, Problem } from "@polyreel/spec/batch-file";
import { type Credentials, SECRET_PREFIX } from "./credentials.js";

export type Fields = Readonly<Record<string, unknown>>;

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Checks values of a file of settings, and collects what is wrong with them. Quotes no values. */
export class SettingsReading {
  readonly problems: Problem[] = [];

  constructor(private readonly yaml: PlainYaml) {}

  /** `path`: of keys, such as `ads.tenants[1]`. */
  refuse(path: string, what: string, remedy: string): void {
    this.problems.push({ what: path === "" ? what : `${path}: ${what}`, where: this.yaml.locate(path), remedy });
  }

  fields(value: unknown, path: string): Fields {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
    this.refuse(path, "It must be fields with values.", "Write one field a line, indented.");
    return {};
  }

  /** Refuses fields with other names. */
  known(fields: Fields, path: string, names: readonly string[]): void {
    for (const name of Object.keys(fields).filter((one) => !names.includes(one))) {
      const near = nearest(name, names);
      const remedy = near ? `Did you mean ${JSON.stringify(near)}?` : `Fields here: ${names.join(", ")}.`;
      this.refuse(`${path}.${name}`, "There is no such field.", remedy);
    }
  }

  text(value: unknown, path: string, pattern = /./, remedy = "Write a text."): string | undefined {
    if (typeof value === "string" && pattern.test(value)) return value;
    this.refuse(path, wrong(value), remedy);
    return undefined;
  }

  oneOf<T extends string>(value: unknown, path: string, all: readonly T[]): T | undefined {
    const found = all.find((one) => one === value);
    if (found === undefined) this.refuse(path, wrong(value), `Write one of ${all.join(", ")}.`);
    return found;
  }

  texts(value: unknown, path: string, isRight: (text: string) => boolean, remedy: string): string[] {
    if (!Array.isArray(value)) {
      this.refuse(path, "It must be a list.", remedy);
      return [];
    }
    const wrong = value.findIndex((one) => typeof one !== "string" || !isRight(one));
    if (wrong >= 0) this.refuse(`${path}[${wrong}]`, "It can't be that.", remedy);
    return wrong >= 0 ? [] : (value as string[]);
  }

  /** Tenants that may use an entry; undefined: all. */
  tenants(value: unknown, path: string): string[] | undefined {
    if (value === undefined) return undefined;
    const tenants = this.texts(value, path, isTenant, "Write names of tenants, at least one.");
    if (tenants.length === 0) this.refuse(path, "No tenant could use it.", "Name tenants, or leave it out.");
    return tenants;
  }

  /**
   * Where keys are: a file, relative to the folder `home`, or a secret: "secret:ads", or "secret:acme/ads" for a tenant's. A
   * tenant sets its secrets itself, so only an entry for it alone can have one.
   */
  credentials(
    value: unknown,
    path: string,
    { home, tenants }: { readonly home: string; readonly tenants: readonly string[] | undefined },
  ): Credentials {
    const NONE = { file: "" };
    const text = this.text(value, path, /./, "Name a file with the key, or a secret as in secret:ads.");
    if (text === undefined) return NONE;
    if (!text.startsWith(SECRET_PREFIX)) {
      const [kind = ""] = text.split(":");
      if (kind === text || kind.includes("/") || !nearest(kind, ["secret"])) return { file: resolve(home, text) };
      this.refuse(path, "It names no secret.", 'Did you mean "secret:"? Write ./ before a file with such a name.');
      return NONE;
    }
    const secret = parseSecretName(text.slice(SECRET_PREFIX.length));
    if (!secret) {
      this.refuse(path, "It names no secret.", "Write secret:NAME, or secret:TENANT/NAME for one of a tenant.");
      return NONE;
    }
    if (secret.tenant !== "" && (tenants?.length !== 1 || tenants[0] !== secret.tenant)) {
      const remedy = "Give the entry tenants: [...] with this one alone, or name a secret of all tenants: secret:NAME.";
      this.refuse(path, "It is a tenant's secret, and others may use the entry.", remedy);
    }
    return { secret };
  }

  /** An existing bucket of S3, with a prefix. */
  s3Address(value: unknown, path: string): S3Address | undefined {
    const text = this.text(value, path);
    if (text === undefined) return undefined;
    try {
      const address = parseS3Address(text);
      if (address.create) this.refuse(path, "It can't have create=true.", "Create the bucket yourself.");
      return address;
    } catch (error) {
      if (!(error instanceof PolyreelError)) throw error;
      const remedy = "Write it as in s3://bucket/prefix?endpoint=https://s3.example&region=eu-west-1.";
      this.refuse(path, error.failure.reason.replace(/^The store's address/, "The address"), remedy);
      return undefined;
    }
  }

  /** Names of further buckets. */
  buckets(value: unknown, path: string): string[] {
    if (value === undefined) return [];
    return this.texts(value, path, (bucket) => BUCKET.test(bucket), "Write names of buckets, without s3://.");
  }
}

const wrong = (value: unknown): string => (value === undefined ? "It is missing." : "It can't be that.");
