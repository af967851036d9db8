/** An element of an XML document that somebody else wrote. */
export interface XmlTree {
  /** Without prefix. */
  readonly name: string;
  /** Empty: none. */
  readonly namespace: string;
  /** Where its start tag ends, from 1. */
  readonly line: number;
  /** By name, with prefix; declarations of namespaces are not among them. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlTree[];
  /** Its own, in one piece: that of its children and comments is left out. */
  readonly text: string;
}

export const childrenOf = ({ children }: XmlTree, ...names: readonly string[]): readonly XmlTree[] =>
  children.filter(({ name }) => names.includes(name));

/** The texts of its children of these names that are not blank, without the blanks around them. */
export const textsOf = (element: XmlTree, ...names: readonly string[]): readonly string[] =>
  childrenOf(element, ...names).flatMap((child) => child.text.trim() || []);
