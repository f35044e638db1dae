/** Just enough XML for the two requests of S3 that have it, and for its answers. */
import { type Member, type ServiceModel, shapeOf } from './service-model.ts';

interface Element {
  name: string;
  text: string;
  children: Element[];
}

function parse(xml: string): Element {
  const root: Element = { name: '', text: '', children: [] };
  const path = [root];
  for (const [, close, name = '', selfClosing, text] of xml.matchAll(
    /<(\/?)([A-Za-z][\w:.-]*)[^>]*?(\/?)>|([^<]+)/g,
  )) {
    const here = path.at(-1) ?? root;
    if (text !== undefined) here.text += unescapeXml(text);
    else if (close) path.pop();
    else {
      const element = { name, text: '', children: [] };
      here.children.push(element);
      if (!selfClosing) path.push(element);
    }
  }
  return root.children[0] ?? root;
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const unescapeXml = (text: string): string =>
  text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (whole, entity: string) => {
    if (entity.startsWith('#x')) return String.fromCodePoint(Number.parseInt(entity.slice(2), 16));
    if (entity.startsWith('#')) return String.fromCodePoint(Number(entity.slice(1)));
    return ENTITIES[entity] ?? whole;
  });

export const escapeXml = (text: string): string =>
  text.replace(/[<>&"'\r\n]/g, (character) => `&#${character.charCodeAt(0)};`);

/** The value of a shape in a document; elements that the shape does not have are kept, for the check to find. */
export function fromXml(model: ServiceModel, shapeName: string, xml: string): unknown {
  return contentOf(model, shapeName, parse(xml));
}

function contentOf(model: ServiceModel, shapeName: string, element: Element): unknown {
  const shape = shapeOf(model, shapeName);
  if (shape.type === 'integer' || shape.type === 'long') return Number(element.text);
  if (shape.type === 'boolean') return element.text === 'true';
  if (shape.type !== 'structure') return element.text;
  const value: Record<string, unknown> = {};
  for (const child of element.children) {
    const [name, member] = Object.entries(shape.members ?? {}).find(
      ([own, entry]) => (entry.locationName ?? own) === child.name,
    ) ?? [child.name];
    if (!member) value[name] = child.text;
    else if (shapeOf(model, member.shape).type === 'list') {
      const items = (value[name] as unknown[] | undefined) ?? [];
      value[name] = [...items, contentOf(model, shapeOf(model, member.shape).member?.shape ?? '', child)];
    } else value[name] = contentOf(model, member.shape, child);
  }
  return value;
}

/** Writes the members of a structure that are in the body. Timestamps are milliseconds. */
export function toXml(model: ServiceModel, shapeName: string, value: Record<string, unknown>): string {
  const members = Object.entries(shapeOf(model, shapeName).members ?? {});
  return members
    .filter(([name, member]) => value[name] !== undefined && member.location === undefined)
    .map(([name, member]) => elementOf(model, name, member, value[name]))
    .join('');
}

function elementOf(model: ServiceModel, name: string, member: Member, value: unknown): string {
  const shape = shapeOf(model, member.shape);
  const tag = member.locationName ?? name;
  if (shape.type === 'list') {
    const inner = shape.member ?? { shape: '' };
    const entries = (value as unknown[]).map((entry) =>
      elementOf(
        model,
        shape.flattened ? tag : (inner.locationName ?? 'member'),
        { shape: inner.shape },
        entry,
      ),
    );
    return shape.flattened ? entries.join('') : `<${tag}>${entries.join('')}</${tag}>`;
  }
  if (shape.type === 'structure')
    return `<${tag}>${toXml(model, member.shape, value as Record<string, unknown>)}</${tag}>`;
  const text = shape.type === 'timestamp' ? new Date(value as number).toISOString() : String(value);
  return `<${tag}>${escapeXml(text)}</${tag}>`;
}
