import { DOMParser } from "@xmldom/xmldom";

/** What is wrong with a text that should be XML, said for people. */
export class XmlError extends Error {}

/**
 * The root of a document. What declares a document type is refused, with all that a declaration could do: entities
 * that grow, files that are read.
 */
export function parseXml(xml: string): Element {
  if (/<!(?:DOCTYPE|ENTITY)/i.test(xml)) throw new XmlError("It declares a document type.");
  const complain = () => {
    throw new XmlError("It is not XML.");
  };
  const parser = new DOMParser({
    errorHandler: { warning: () => undefined, error: complain, fatalError: complain },
  });
  let root: Element | null;
  try {
    root = parser.parseFromString(xml, "text/xml")?.documentElement ?? null;
  } catch {
    return complain();
  }
  return root ?? complain();
}

/** Of an element those children that are called so. */
export const childrenOf = (parent: Element, namespace: string, name: string): Element[] =>
  Array.from(parent.childNodes).filter(
    (node): node is Element =>
      node.nodeType === 1 &&
      (node as Element).namespaceURI === namespace &&
      (node as Element).localName === name,
  );
