/** What addresses of strangers are used for: the words of their refusals, and what is allowed. */
export interface AddressUse {
  /** The variable with the operator's list. */
  readonly variable: string;
  /** "Sources are fetched". */
  readonly sentence: string;
  /** "sources". */
  readonly things: string;
  /** "which sources are not fetched from". */
  readonly notInside: string;
  /** What to do instead of using an inner address. */
  readonly instead: string;
  /** Remedy for an address with a user or password. */
  readonly withoutPassword: string;
  readonly example: string;
  /** Whether http is allowed everywhere, or only where the operator's list has the host. */
  readonly plainHttp: boolean;
}

export const SOURCES: AddressUse = {
  variable: "POLYREEL_FETCH_ALLOW",
  sentence: "Sources are fetched",
  things: "sources",
  notInside: "which sources are not fetched from",
  instead: "Put the file in the store",
  withoutPassword: "Use a signed URL, or put the file in the store.",
  example: "https://media.example/hook.mp4",
  plainHttp: true,
};

export const VOICES: AddressUse = {
  variable: "POLYREEL_FETCH_ALLOW",
  sentence: "Voices are fetched",
  things: "voices",
  notInside: "which voices are not fetched from",
  instead: "Download the files, and add them from a folder",
  withoutPassword: "Download the files, and add them from a folder.",
  example: "https://voices.example/en_US-joe-medium.onnx",
  plainHttp: false,
};

export const WEBHOOKS: AddressUse = {
  variable: "POLYREEL_NOTIFY_ALLOW",
  sentence: "Webhooks are sent",
  things: "webhooks",
  notInside: "which webhooks are not sent to",
  instead: "Use a public address",
  withoutPassword: "Receivers recognise the sender by the signature: leave user and password out.",
  example: "https://example.com/hook",
  plainHttp: false,
};

export const PROVIDERS: AddressUse = {
  variable: "its provider's `allow` in POLYREEL_OIDC",
  sentence: "Providers are asked",
  things: "providers",
  notInside: "where providers are not asked",
  instead: "Use a public address",
  withoutPassword: "Leave them out.",
  example: "https://login.example.com",
  plainHttp: false,
};
