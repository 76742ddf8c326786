import { randomUUID } from "node:crypto";
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import { VERSION } from "../version.js";

const resources = new Map<string, Resource>();

/** What describes a service of this process: the same for its traces and its logs. */
export function resourceOf(service: string): Resource {
  const known = resources.get(service);
  if (known) return known;
  const resource = defaultResource() // Of the SDK.
    .merge(resourceFromAttributes({ "service.namespace": "polyreel", "service.instance.id": randomUUID() }))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_VERSION]: VERSION }));
  resources.set(service, resource);
  return resource;
}
