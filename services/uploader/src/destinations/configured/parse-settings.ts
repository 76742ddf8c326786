import { dirname, resolve } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { isTenant, parseS3Address, type S3Address } from "@polyreel/platform/blobs";
import { type Problem, parsePlainYaml } from "@polyreel/spec/batch-file";
import { driveScopes } from "../drive/google-endpoints.js";
import type { DestinationSettings, DriveSettings } from "./settings.js";
import { type Fields, SettingsReading } from "./settings-reading.js";

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const ORIGIN = /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?$/;
const DRIVE_ID = /^[A-Za-z0-9_-]{1,200}$/;
const DRIVE_PATH = /^[^/\p{Cc}]{1,200}(\/[^/\p{Cc}]{1,200}){0,15}$/u;
/** Longer lists are not read. */
const MAX_PROBLEMS = 10;

/** Fields of an entry, by type. */
const FIELDS: Readonly<Record<DestinationSettings["type"], readonly string[]>> = {
  folder: ["type", "tenants", "path"],
  s3: ["type", "tenants", "address", "credentials", "buckets"],
  drive: ["type", "tenants", "credentials", "folder", "sharedDrive", "scope", "endpoint"],
};

/**
 * Parses the file of destinations: names with their settings. Paths in it are relative to it. Throws PolyreelError
 * `invalid` that names every wrong entry by line; it quotes no values, which may be keys in the wrong place.
 */
export function parseSettings(file: string, text: string): ReadonlyMap<string, DestinationSettings> {
  const { yaml, problems } = parsePlainYaml(file, text);
  if (!yaml) throw wrong(problems);
  const reading = new SettingsReading(yaml);
  const found = new Map<string, DestinationSettings>();
  for (const [name, entry] of Object.entries(yaml.value === undefined ? {} : reading.fields(yaml.value, ""))) {
    if (!NAME.test(name)) {
      const remedy = 'Begin with a lower-case letter and go on with such letters, digits and "-", up to 32 in all.';
      reading.refuse(name, `${JSON.stringify(name.slice(0, 40))} can't be a destination's name.`, remedy);
      continue;
    }
    const settings = settingsOf(name, entry, reading, dirname(resolve(file)));
    if (settings) found.set(name, settings);
  }
  if (reading.problems.length > 0) throw wrong(reading.problems);
  return found;
}

function settingsOf(
  name: string,
  given: unknown,
  reading: SettingsReading,
  home: string,
): DestinationSettings | undefined {
  const entry = reading.fields(given, name);
  const type = reading.oneOf(entry.type, `${name}.type`, Object.keys(FIELDS) as DestinationSettings["type"][]);
  if (!type) return undefined;
  reading.known(entry, name, FIELDS[type]);
  const at = (field: string) => `${name}.${field}`;
  const path = (field: string) => resolve(home, reading.text(entry[field], at(field)) ?? "");
  const tenants =
    entry.tenants === undefined
      ? undefined
      : reading.texts(entry.tenants, at("tenants"), isTenant, "Write names of tenants, at least one.");
  if (tenants?.length === 0) reading.refuse(at("tenants"), "No tenant could use it.", "Name tenants, or leave it out.");
  const common = { name, tenants };
  switch (type) {
    case "folder":
      return { ...common, type, path: path("path") };
    case "drive":
      return { ...common, type, credentials: path("credentials"), ...driveOf(entry, name, reading) };
    case "s3": {
      const address = addressOf(reading.text(entry.address, at("address")), at("address"), reading);
      const remedy = "Write names of buckets, without s3://.";
      const buckets =
        entry.buckets === undefined
          ? []
          : reading.texts(entry.buckets, at("buckets"), (bucket) => BUCKET.test(bucket), remedy);
      return address && { ...common, type, address, credentials: path("credentials"), buckets };
    }
  }
}

function addressOf(text: string | undefined, path: string, reading: SettingsReading): S3Address | undefined {
  if (text === undefined) return undefined;
  try {
    const address = parseS3Address(text);
    if (address.create) reading.refuse(path, "It can't have create=true.", "Create the bucket yourself.");
    return address;
  } catch (error) {
    if (!(error instanceof PolyreelError)) throw error;
    const remedy = "Write it as in s3://bucket/prefix?endpoint=https://s3.example&region=eu-west-1.";
    reading.refuse(path, error.failure.reason.replace(/^The store's address/, "The address"), remedy);
    return undefined;
  }
}

function driveOf(
  entry: Fields,
  name: string,
  reading: SettingsReading,
): Pick<DriveSettings, "folder" | "sharedDrive" | "scope" | "endpoint"> {
  const scope = entry.scope === undefined ? undefined : reading.oneOf(entry.scope, `${name}.scope`, driveScopes);
  const folder = folderOnDrive(entry, name, reading);
  return {
    folder,
    sharedDrive: sharedDriveOf(entry, name, reading),
    scope,
    endpoint: endpointOf(entry, name, reading),
  };
}

const sharedDriveOf = ({ sharedDrive }: Fields, name: string, reading: SettingsReading): string | undefined =>
  sharedDrive === undefined
    ? undefined
    : reading.text(sharedDrive, `${name}.sharedDrive`, DRIVE_ID, "Write the drive's id, from its address.");

const endpointOf = ({ endpoint }: Fields, name: string, reading: SettingsReading): string | undefined =>
  endpoint === undefined
    ? undefined
    : reading.text(endpoint, `${name}.endpoint`, ORIGIN, "Write an origin, such as https://proxy.example.");

function folderOnDrive(entry: Fields, name: string, reading: SettingsReading): DriveSettings["folder"] {
  if (entry.folder === undefined) return undefined;
  const at = `${name}.folder`;
  const folder = reading.fields(entry.folder, at);
  reading.known(folder, at, ["id", "path"]);
  if ((folder.id === undefined) === (folder.path === undefined)) {
    reading.refuse(at, "It must have either an id or a path.", "Keep one of them.");
    return undefined;
  }
  if (folder.path !== undefined) {
    const path = reading.text(folder.path, `${at}.path`, DRIVE_PATH, 'Write names with "/" between them.');
    return path === undefined ? undefined : { path };
  }
  const id = reading.text(folder.id, `${at}.id`, DRIVE_ID, "Write the folder's id, from its address.");
  return id === undefined ? undefined : { id };
}

function wrong(problems: readonly Problem[]): PolyreelError {
  const shown = problems.slice(0, MAX_PROBLEMS).map(({ what, where, remedy }) => {
    const line = where?.line === undefined ? "" : `:${where.line}`;
    return `${where?.file ?? ""}${line}: ${what}${remedy ? ` ${remedy}` : ""}`;
  });
  const more = problems.length > shown.length ? ` And ${problems.length - shown.length} more.` : "";
  return new PolyreelError("invalid", {
    reason: `The file of destinations is not right. ${shown.join(" ")}${more}`,
    remedy: "Correct the file that POLYREEL_DESTINATIONS names.",
  });
}
