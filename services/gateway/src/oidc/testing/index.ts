export { OpenIdProvider, RESOURCE, signingKey } from "./openid-provider.js";
export { TestBrowser } from "./test-browser.js";
