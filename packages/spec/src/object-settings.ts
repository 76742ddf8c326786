import { create, equals } from "@bufbuild/protobuf";
import { type Destination, type ObjectSettings, ObjectSettingsSchema } from "@polyreel/contract";

const NONE = create(ObjectSettingsSchema);

/** Settings of the objects in a destination; undefined if none is specified, or if it keeps no objects. */
export function objectSettingsOf({ kind }: Destination): ObjectSettings | undefined {
  if (kind.case !== "s3") return undefined;
  const { contentType, contentDisposition, cacheControl, storageClass, metadata, public: isPublic } = kind.value;
  const headers = { contentType, contentDisposition, cacheControl, storageClass };
  const settings = create(ObjectSettingsSchema, { ...headers, metadata, public: isPublic });
  return equals(ObjectSettingsSchema, settings, NONE) ? undefined : settings;
}

/** Bytes of an object's metadata as S3 counts them: all names and values. */
export const metadataBytes = (metadata: Readonly<Record<string, string>>): number =>
  Object.entries(metadata).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
