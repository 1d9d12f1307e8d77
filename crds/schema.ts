/** The part of a structural schema (OpenAPI v3 with Kubernetes' extensions) that the manifests use. */
export interface Rule {
  /** CEL over `self`, and `oldSelf` where it is a transition rule. */
  rule: string;
  message: string;
}
export interface Schema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema;
  required?: string[];
  items?: Schema;
  enum?: string[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxProperties?: number;
  /** Used with `required` alone, where a union cannot be said in CEL because a member has no type. */
  oneOf?: { required: string[] }[];
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-validations'?: Rule[];
}
