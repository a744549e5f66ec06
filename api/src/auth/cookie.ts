import { encodeSignIn, signInCookieName, signInIdleSeconds } from "@remote-claude/protocol";
import type { Response } from "express";
import type { Config } from "../config.ts";

const attributes = (config: Config) =>
  ({ httpOnly: true, sameSite: "lax", secure: config.publicUrl.startsWith("https:"), path: "/" }) as const;

export function setSignInCookie(response: Response, config: Config, signInId: string): void {
  response.cookie(signInCookieName(config.publicUrl), encodeSignIn(signInId), {
    ...attributes(config),
    maxAge: signInIdleSeconds * 1000,
  });
}

export function clearSignInCookie(response: Response, config: Config): void {
  response.clearCookie(signInCookieName(config.publicUrl), attributes(config));
}
