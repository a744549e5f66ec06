import express, { type Request, type Response } from "express";

/** Reads a form into `request.body`: of routes that others' pages and programs send as such. */
export function readForm(request: Request, response: Response, limit: number): Promise<void> {
  const parse = express.urlencoded({ extended: false, limit, parameterLimit: 20 });
  return new Promise((resolve, reject) => {
    parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
  });
}
