/** Names and schemas of the kinds. GENERATED from crds/manifests by `make generate`. */
import type { Schema } from '../schema.ts';
import type { Kind } from './types.ts';

export const API_VERSION = 'crossdock.dev/v1alpha1';
export const NAMES: Record<Kind, { plural: string; singular: string; shortNames: string[] }> = {
  "Broker": {
    "plural": "brokers",
    "singular": "broker",
    "shortNames": [
      "brk"
    ]
  },
  "Organization": {
    "plural": "organizations",
    "singular": "organization",
    "shortNames": [
      "org"
    ]
  },
  "PartnerProfile": {
    "plural": "partnerprofiles",
    "singular": "partnerprofile",
    "shortNames": [
      "pprof"
    ]
  },
  "Partner": {
    "plural": "partners",
    "singular": "partner",
    "shortNames": [
      "ptn"
    ]
  },
  "Connector": {
    "plural": "connectors",
    "singular": "connector",
    "shortNames": [
      "conn"
    ]
  },
  "DocumentType": {
    "plural": "documenttypes",
    "singular": "documenttype",
    "shortNames": [
      "doct"
    ]
  },
  "ReferenceTable": {
    "plural": "referencetables",
    "singular": "referencetable",
    "shortNames": [
      "rtab"
    ]
  },
  "Mapping": {
    "plural": "mappings",
    "singular": "mapping",
    "shortNames": [
      "map"
    ]
  },
  "Integration": {
    "plural": "integrations",
    "singular": "integration",
    "shortNames": [
      "intg"
    ]
  },
  "BusinessProcess": {
    "plural": "businessprocesses",
    "singular": "businessprocess",
    "shortNames": [
      "bproc"
    ]
  },
  "SLAPolicy": {
    "plural": "slapolicies",
    "singular": "slapolicy",
    "shortNames": [
      "sla"
    ]
  },
  "RuntimePool": {
    "plural": "runtimepools",
    "singular": "runtimepool",
    "shortNames": [
      "rpool"
    ]
  },
  "Hold": {
    "plural": "holds",
    "singular": "hold",
    "shortNames": [
      "hld"
    ]
  },
  "Replay": {
    "plural": "replays",
    "singular": "replay",
    "shortNames": [
      "rpl"
    ]
  }
};
export const KINDS = Object.keys(NAMES) as Kind[];
/** Of the whole object, as in the manifest, without the status (the operator's alone). */
export const SCHEMAS: Record<Kind, Schema> = {
  "Broker": {
    "type": "object",
    "description": "A RabbitMQ that carries the documents of a namespace. The Broker named `default` is used where an Integration names none.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Broker`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Where the broker is and what becomes of what it holds.",
        "required": [
          "connection"
        ],
        "x-kubernetes-validations": [
          {
            "rule": "has(self.virtualHost) == has(oldSelf.virtualHost) && (!has(self.virtualHost) || self.virtualHost == oldSelf.virtualHost)",
            "message": "virtualHost is immutable, because queues cannot move: make another Broker and drain this one"
          },
          {
            "rule": "!has(self.virtualHost) || !has(self.allowedNamespaces) || self.allowedNamespaces.from == 'Same'",
            "message": "a Broker with a fixed virtualHost serves its own namespace only: remove allowedNamespaces or virtualHost"
          }
        ],
        "properties": {
          "connection": {
            "type": "object",
            "description": "How to reach the broker. Exactly one of secretRef and rabbitmqClusterRef.",
            "x-kubernetes-validations": [
              {
                "rule": "has(self.secretRef) != has(self.rabbitmqClusterRef)",
                "message": "connection needs exactly one of secretRef, rabbitmqClusterRef"
              }
            ],
            "properties": {
              "secretRef": {
                "type": "object",
                "description": "Secret with the keys `uri` (`amqp://user:password@host:port` or `amqps://…`), `managementUri` (`http://user:password@host:port` or\n`https://…`) and, where the authority is a private one, `ca.crt` (PEM). The user needs the tag administrator, to make virtual hosts and users.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "description": "Name of the Secret in this namespace."
                  }
                }
              },
              "rabbitmqClusterRef": {
                "type": "object",
                "description": "RabbitmqCluster of the RabbitMQ cluster operator, whose default user's Secret is then used.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "description": "Name of the RabbitmqCluster."
                  },
                  "namespace": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Namespace of the RabbitmqCluster. Default: this namespace."
                  }
                }
              }
            }
          },
          "virtualHost": {
            "type": "string",
            "minLength": 1,
            "maxLength": 127,
            "pattern": "^[A-Za-z0-9._/-]+$",
            "description": "Fixed virtual host; this Broker then serves its own namespace only. Immutable.\nDefault: one virtual host per namespace, `crossdock.<namespace>`."
          },
          "deletionPolicy": {
            "type": "string",
            "enum": [
              "Retain",
              "Delete"
            ],
            "description": "What becomes of virtual host and queues when the Broker is deleted. Retain: they stay. Delete: they go, but for queues that still hold\nmessages, which stay and are named in an event. Default: Retain."
          },
          "allowedNamespaces": {
            "type": "object",
            "description": "Namespaces whose Integrations may name this Broker; each namespace gets a virtual host and a user of its own. Default: this namespace only.",
            "required": [
              "from"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.selector) == (self.from == 'Selector')",
                "message": "allowedNamespaces.selector belongs to from: Selector, and from: Selector needs it"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "enum": [
                  "Same",
                  "All",
                  "Selector"
                ],
                "description": "Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector."
              },
              "selector": {
                "type": "object",
                "description": "Labels that a namespace must have. Only with from: Selector.",
                "properties": {
                  "matchLabels": {
                    "type": "object",
                    "maxProperties": 16,
                    "description": "Labels, all of which must be equal on the namespace.",
                    "additionalProperties": {
                      "type": "string",
                      "maxLength": 63,
                      "description": "Value of the label."
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "Organization": {
    "type": "object",
    "description": "Who we are: the identifiers by which partners address us and by which we sign what we send. One per namespace.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Organization`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Our names and numbers.",
        "required": [
          "identifiers"
        ],
        "properties": {
          "displayName": {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "description": "Name for people. Default: metadata.name."
          },
          "calendar": {
            "type": "object",
            "description": "When we work: by it run the clocks of objectives with `calendar: Organization`, and of partners without a calendar. Needs timeZone and workingHours.",
            "properties": {
              "timeZone": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$",
                "description": "Time zone of the IANA database, e.g. `Europe/Berlin`."
              },
              "workingHours": {
                "type": "array",
                "minItems": 1,
                "maxItems": 14,
                "description": "Shifts. What overlaps counts once.",
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "type": "object",
                  "description": "One shift, on each of its days.",
                  "required": [
                    "days",
                    "from",
                    "to"
                  ],
                  "x-kubernetes-validations": [
                    {
                      "rule": "self.from != self.to",
                      "message": "a shift cannot end when it begins: write from \"00:00\" to \"24:00\" for a whole day"
                    }
                  ],
                  "properties": {
                    "days": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 7,
                      "description": "Days on which it begins.",
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "enum": [
                          "Mon",
                          "Tue",
                          "Wed",
                          "Thu",
                          "Fri",
                          "Sat",
                          "Sun"
                        ],
                        "description": "Day of the week."
                      }
                    },
                    "from": {
                      "type": "string",
                      "maxLength": 5,
                      "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                      "description": "Local time at which it begins, quoted: `\"08:00\"`."
                    },
                    "to": {
                      "type": "string",
                      "maxLength": 5,
                      "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
                      "description": "Local time at which it ends, quoted. Earlier than `from`: on the day after, as a night shift does."
                    }
                  }
                }
              },
              "holidays": {
                "type": "object",
                "description": "Days on which no shift begins.",
                "x-kubernetes-validations": [
                  {
                    "rule": "!has(self.region) || has(self.country)",
                    "message": "a region is one of a country: add country"
                  }
                ],
                "properties": {
                  "country": {
                    "type": "string",
                    "maxLength": 2,
                    "pattern": "^[A-Z]{2}$",
                    "description": "Public holidays of this country, ISO 3166, e.g. `DE`."
                  },
                  "region": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 8,
                    "pattern": "^[A-Z0-9]+$",
                    "description": "And those of this region of it, as ISO 3166-2 has it after the dash, e.g. `BY` of `DE-BY`."
                  },
                  "dates": {
                    "type": "array",
                    "maxItems": 128,
                    "description": "And these days, e.g. a works holiday.",
                    "x-kubernetes-list-type": "set",
                    "items": {
                      "type": "string",
                      "maxLength": 10,
                      "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
                      "description": "Date, e.g. `2026-12-24`."
                    }
                  }
                }
              },
              "cutOff": {
                "type": "string",
                "maxLength": 5,
                "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                "description": "What begins at or after this local time counts from the next day on. Default: none."
              }
            }
          },
          "identifiers": {
            "type": "array",
            "minItems": 1,
            "maxItems": 32,
            "description": "Our identifiers. What we send in X12 carries the X12 identifier of the usage in question.",
            "items": {
              "type": "object",
              "description": "One identifier.",
              "required": [
                "scheme",
                "value"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "(self.scheme == 'System') == has(self.system)",
                  "message": "system belongs to scheme System, and scheme System needs it"
                },
                {
                  "rule": "self.scheme != 'X12' || (has(self.qualifier) && self.qualifier.size() == 2)",
                  "message": "scheme X12 needs the ISA qualifier of two characters, e.g. ZZ"
                },
                {
                  "rule": "self.scheme in ['X12', 'EDIFACT'] || !has(self.qualifier)",
                  "message": "qualifier belongs to the schemes X12 and EDIFACT"
                },
                {
                  "rule": "self.scheme != 'X12' || self.value.size() <= 15",
                  "message": "an X12 interchange id has at most 15 characters"
                },
                {
                  "rule": "self.scheme != 'GLN' || self.value.matches('^[0-9]{13}$')",
                  "message": "a GLN has 13 digits"
                },
                {
                  "rule": "self.scheme != 'DUNS' || self.value.matches('^[0-9]{9}$')",
                  "message": "a DUNS number has 9 digits"
                }
              ],
              "properties": {
                "scheme": {
                  "type": "string",
                  "enum": [
                    "GLN",
                    "X12",
                    "EDIFACT",
                    "DUNS",
                    "System"
                  ],
                  "description": "Numbering scheme. GLN: GS1 location number. X12: interchange id with qualifier. EDIFACT: UNB party id. DUNS: D&B number. System: a number in one of our own systems."
                },
                "qualifier": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 4,
                  "pattern": "^[A-Z0-9]+$",
                  "description": "X12: the ISA qualifier of two characters, e.g. `ZZ`, required. EDIFACT: code of the numbering agency, optional."
                },
                "system": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  "description": "Scheme System only: name of our own system whose number this is, e.g. `erp`."
                },
                "value": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 64,
                  "pattern": "^[!-~]([ -~]*[!-~])?$",
                  "description": "The identifier itself, quoted, without padding: leading zeros count."
                },
                "usage": {
                  "type": "string",
                  "enum": [
                    "Production",
                    "Test"
                  ],
                  "description": "Whether interchanges with this identifier are for production or tests. Default: Production."
                }
              }
            }
          }
        }
      }
    }
  },
  "PartnerProfile": {
    "type": "object",
    "description": "What many partners have in common. A Partner that names it overrides it field by field; `crossdock render` shows the result.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `PartnerProfile`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Terms that hold for each partner that names this profile and says nothing else.",
        "properties": {
          "x12": {
            "type": "object",
            "description": "How X12 interchanges are read and written.",
            "properties": {
              "version": {
                "type": "string",
                "pattern": "^00[3-8][0-9]{3}$",
                "maxLength": 6,
                "description": "Version of the transactions, six digits, quoted. Default: `004010`."
              },
              "envelopeErrors": {
                "type": "string",
                "enum": [
                  "Reject",
                  "Warn",
                  "Accept"
                ],
                "description": "What wrong counts or control numbers in trailers (SE, GE, IEA) lead to. Reject: the interchange is rejected. Warn: its documents pass with a warning\nin their journal. Accept: they pass. Default: Warn."
              },
              "delimiters": {
                "type": "object",
                "description": "Delimiters of what we send. What we receive names its own.",
                "x-kubernetes-validations": [
                  {
                    "rule": "(!has(self.element) || !has(self.segment) || self.element != self.segment) && (!has(self.element) || !has(self.component) || self.element != self.component) &&\n(!has(self.element) || !has(self.repetition) || self.element != self.repetition) && (!has(self.segment) || !has(self.component) || self.segment != self.component) &&\n(!has(self.segment) || !has(self.repetition) || self.segment != self.repetition) && (!has(self.component) || !has(self.repetition) || self.component != self.repetition)",
                    "message": "delimiters must differ from each other"
                  }
                ],
                "properties": {
                  "element": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "Between elements. Default: `*`."
                  },
                  "segment": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "After each segment. Default: `~`."
                  },
                  "component": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "Between components of an element. Default: `>`."
                  },
                  "repetition": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "Between repetitions of an element, from version 004020 on. Default: `^`."
                  }
                }
              }
            }
          },
          "edifact": {
            "type": "object",
            "description": "How EDIFACT interchanges are read and written.",
            "properties": {
              "directory": {
                "type": "string",
                "pattern": "^D\\.[0-9]{2}[A-Z]$",
                "maxLength": 5,
                "description": "Directory of the messages that we send: `D.96A` (EANCOM 1997) or `D.01B` (EANCOM 2002). What we receive names its own. Default: `D.96A`."
              },
              "syntax": {
                "type": "string",
                "pattern": "^UNO[A-JWY]:[1-4]$",
                "maxLength": 6,
                "description": "Syntax identifier and version of what we send, which decide the character set: `UNOA:1`, `UNOC:3` (ISO 8859-1), `UNOY:4` (UTF-8). Default: `UNOC:3`."
              },
              "envelopeErrors": {
                "type": "string",
                "enum": [
                  "Reject",
                  "Warn",
                  "Accept"
                ],
                "description": "What wrong counts or references in trailers (UNT, UNE, UNZ) lead to. Reject: the message or interchange is rejected. Warn: its documents pass with a\nwarning in their journal. Accept: they pass. Default: Warn."
              }
            }
          },
          "acknowledgments": {
            "type": "object",
            "description": "Acknowledgments between us and the partner.",
            "properties": {
              "send": {
                "type": "string",
                "enum": [
                  "None",
                  "Functional"
                ],
                "description": "What we answer to a received interchange. Functional: a 997 per group of X12 (a 999 where `x12` says so), a CONTRL per interchange of EDIFACT. Default: None."
              },
              "interchange": {
                "type": "string",
                "enum": [
                  "None",
                  "Errors",
                  "All"
                ],
                "description": "Whether an X12 interchange is answered with a TA1. Errors: only one that cannot be taken. All: each. What asks for it in its ISA14 is always answered. Default: None."
              },
              "x12": {
                "type": "string",
                "maxLength": 3,
                "pattern": "^99[79]$",
                "description": "Which transaction acknowledges groups of X12, `997` or `999`, quoted. Default: `999` for versions from 005010 on, else `997`."
              },
              "expectWithin": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Time within which the partner acknowledges what we send as X12 or EDIFACT, e.g. `24h`; later it counts as overdue. Default: none is expected."
              }
            }
          },
          "calendar": {
            "type": "object",
            "description": "When partners of this profile work: by it run the clocks of SLAPolicies with `clock: WorkingTime`. A Partner overrides it field by field.",
            "properties": {
              "timeZone": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$",
                "description": "Time zone of the IANA database, e.g. `Europe/Berlin`."
              },
              "workingHours": {
                "type": "array",
                "minItems": 1,
                "maxItems": 14,
                "description": "Shifts. What overlaps counts once.",
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "type": "object",
                  "description": "One shift, on each of its days.",
                  "required": [
                    "days",
                    "from",
                    "to"
                  ],
                  "x-kubernetes-validations": [
                    {
                      "rule": "self.from != self.to",
                      "message": "a shift cannot end when it begins: write from \"00:00\" to \"24:00\" for a whole day"
                    }
                  ],
                  "properties": {
                    "days": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 7,
                      "description": "Days on which it begins.",
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "enum": [
                          "Mon",
                          "Tue",
                          "Wed",
                          "Thu",
                          "Fri",
                          "Sat",
                          "Sun"
                        ],
                        "description": "Day of the week."
                      }
                    },
                    "from": {
                      "type": "string",
                      "maxLength": 5,
                      "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                      "description": "Local time at which it begins, quoted: `\"08:00\"`."
                    },
                    "to": {
                      "type": "string",
                      "maxLength": 5,
                      "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
                      "description": "Local time at which it ends, quoted. Earlier than `from`: on the day after, as a night shift does."
                    }
                  }
                }
              },
              "holidays": {
                "type": "object",
                "description": "Days on which no shift begins.",
                "x-kubernetes-validations": [
                  {
                    "rule": "!has(self.region) || has(self.country)",
                    "message": "a region is one of a country: add country"
                  }
                ],
                "properties": {
                  "country": {
                    "type": "string",
                    "maxLength": 2,
                    "pattern": "^[A-Z]{2}$",
                    "description": "Public holidays of this country, ISO 3166, e.g. `DE`."
                  },
                  "region": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 8,
                    "pattern": "^[A-Z0-9]+$",
                    "description": "And those of this region of it, as ISO 3166-2 has it after the dash, e.g. `BY` of `DE-BY`."
                  },
                  "dates": {
                    "type": "array",
                    "maxItems": 128,
                    "description": "And these days, e.g. a works holiday.",
                    "x-kubernetes-list-type": "set",
                    "items": {
                      "type": "string",
                      "maxLength": 10,
                      "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
                      "description": "Date, e.g. `2026-12-24`."
                    }
                  }
                }
              },
              "cutOff": {
                "type": "string",
                "maxLength": 5,
                "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                "description": "What begins at or after this local time counts from the next day on. Default: none."
              }
            }
          },
          "documents": {
            "type": "array",
            "maxItems": 64,
            "description": "Terms per document type: how it travels. A Partner's entry overrides the profile's entry for the same document type and direction, field by field.",
            "items": {
              "type": "object",
              "description": "Terms of one document type.",
              "required": [
                "documentTypeRef"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "[has(self.x12), has(self.edifact), has(self.csv), has(self.fixed), has(self.xml), has(self.json)].filter(x, x).size() <= 1",
                  "message": "a document travels one way: set at most one of x12, edifact, csv, fixed, xml, json"
                }
              ],
              "properties": {
                "documentTypeRef": {
                  "type": "object",
                  "description": "Canonical type of the document.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the DocumentType."
                    }
                  }
                },
                "direction": {
                  "type": "string",
                  "enum": [
                    "Inbound",
                    "Outbound"
                  ],
                  "description": "Who sends. Inbound: the partner sends it to us. Outbound: we send it. Default: as the Integrations that use the type need it."
                },
                "x12": {
                  "type": "object",
                  "description": "The document travels as an X12 transaction.",
                  "required": [
                    "transaction"
                  ],
                  "properties": {
                    "transaction": {
                      "type": "string",
                      "pattern": "^[0-9]{3}$",
                      "maxLength": 3,
                      "description": "Transaction set, three digits, quoted: `850`, `855`, `856`, `810`."
                    }
                  }
                },
                "edifact": {
                  "type": "object",
                  "description": "The document travels as an EDIFACT message.",
                  "required": [
                    "message"
                  ],
                  "properties": {
                    "message": {
                      "type": "string",
                      "pattern": "^[A-Z]{6}$",
                      "maxLength": 6,
                      "description": "Message type: `ORDERS`, `ORDRSP`, `DESADV`, `INVOIC`."
                    },
                    "association": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 6,
                      "pattern": "^[A-Z0-9]+$",
                      "description": "Association assigned code of what we send, the last part of UNH02: `EAN008`. Default: none."
                    }
                  }
                },
                "csv": {
                  "type": "object",
                  "description": "The document travels in a CSV file. Which columns there are, and what a document is, is declared here.",
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.fields) != has(self.records)",
                      "message": "csv needs exactly one of fields, records"
                    },
                    {
                      "rule": "has(self.key) == (has(self.documentPer) && self.documentPer == 'Key')",
                      "message": "key belongs to documentPer: Key, and documentPer: Key needs it"
                    },
                    {
                      "rule": "has(self.fields) || !has(self.documentPer)",
                      "message": "documentPer belongs to fields: of records, the first one of scope Document begins a document"
                    },
                    {
                      "rule": "!has(self.records) || !has(self.header)",
                      "message": "header belongs to fields: a file of several kinds of records has none"
                    },
                    {
                      "rule": "has(self.records) || !has(self.tagField)",
                      "message": "tagField belongs to records"
                    },
                    {
                      "rule": "(has(self.delimiter) ? self.delimiter : \",\") != (has(self.quote) ? self.quote : \"\\\"\")",
                      "message": "delimiter and quote must differ"
                    }
                  ],
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: none, the rows are what the mapping reads.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "encoding": {
                      "type": "string",
                      "maxLength": 12,
                      "pattern": "^(UTF-8|ISO-8859-1|Windows-1252)$",
                      "description": "Character set of the file: `UTF-8`, `ISO-8859-1`, `Windows-1252`. Default: UTF-8."
                    },
                    "delimiter": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 1,
                      "pattern": "^[^A-Za-z0-9\\r\\n ]$",
                      "description": "Between fields. Default: `,`."
                    },
                    "quote": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 1,
                      "pattern": "^[^A-Za-z0-9\\r\\n ]$",
                      "description": "Around fields that hold a delimiter or a line break; doubled within. Default: `\"`."
                    },
                    "header": {
                      "type": "string",
                      "enum": [
                        "Present",
                        "Absent"
                      ],
                      "description": "Whether the first row names the columns. Default: Present."
                    },
                    "tagField": {
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 256,
                      "description": "With records, number of the field that holds the tag. Default: 1."
                    },
                    "documentPer": {
                      "type": "string",
                      "enum": [
                        "Row",
                        "Key",
                        "File"
                      ],
                      "description": "With fields, what one document is. Row: each row. Key: rows that stand together and have the same key, as `{rows: […]}`. File: all rows, as `{rows: […]}`. Default: Row."
                    },
                    "key": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 8,
                      "description": "Fields whose values together tell documents apart. With documentPer: Key.",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "description": "Name of a field."
                      }
                    },
                    "fields": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 256,
                      "description": "Columns in the order of the file; where the file has a header, in any order.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One field.",
                        "required": [
                          "name"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "header": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 128,
                            "description": "Name of the column in the header of the file. Default: `name`."
                          },
                          "type": {
                            "type": "string",
                            "enum": [
                              "Text",
                              "Number",
                              "Date"
                            ],
                            "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                          },
                          "decimalMark": {
                            "type": "string",
                            "enum": [
                              "Point",
                              "Comma"
                            ],
                            "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                          },
                          "impliedDecimals": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 9,
                            "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                          },
                          "dateFormat": {
                            "type": "string",
                            "minLength": 4,
                            "maxLength": 16,
                            "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                            "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                          },
                          "presence": {
                            "type": "string",
                            "enum": [
                              "Required",
                              "Optional"
                            ],
                            "description": "Whether it may be empty. Default: Optional."
                          }
                        }
                      }
                    },
                    "records": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 32,
                      "description": "Kinds of records, where a file has several, such as header, line and trailer. The first one of scope Document begins a document:\n`{head: {…}, lines: [{…}, …]}`.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One kind of record.",
                        "required": [
                          "name",
                          "tag",
                          "fields"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "tag": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 32,
                            "description": "What tells this kind of record: `H`, `LIN`."
                          },
                          "within": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "description": "Record that it belongs to: the last one of it that came. Default: the document."
                          },
                          "occurs": {
                            "type": "string",
                            "enum": [
                              "Once",
                              "Many"
                            ],
                            "description": "How often it may stand there; Many is read as a list. Default: Once."
                          },
                          "scope": {
                            "type": "string",
                            "enum": [
                              "Document",
                              "File"
                            ],
                            "description": "File: it stands before or after all documents, as the head of a file does, and is in every document after it under `file`. Not written. Default: Document."
                          },
                          "fields": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 256,
                            "description": "Columns in the order of the file; where the file has a header, in any order.",
                            "x-kubernetes-list-type": "map",
                            "x-kubernetes-list-map-keys": [
                              "name"
                            ],
                            "items": {
                              "type": "object",
                              "description": "One field.",
                              "required": [
                                "name"
                              ],
                              "properties": {
                                "name": {
                                  "type": "string",
                                  "minLength": 1,
                                  "maxLength": 64,
                                  "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                                  "description": "Name in the document."
                                },
                                "header": {
                                  "type": "string",
                                  "minLength": 1,
                                  "maxLength": 128,
                                  "description": "Name of the column in the header of the file. Default: `name`."
                                },
                                "type": {
                                  "type": "string",
                                  "enum": [
                                    "Text",
                                    "Number",
                                    "Date"
                                  ],
                                  "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                                },
                                "decimalMark": {
                                  "type": "string",
                                  "enum": [
                                    "Point",
                                    "Comma"
                                  ],
                                  "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                                },
                                "impliedDecimals": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 9,
                                  "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                                },
                                "dateFormat": {
                                  "type": "string",
                                  "minLength": 4,
                                  "maxLength": 16,
                                  "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                                  "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                                },
                                "presence": {
                                  "type": "string",
                                  "enum": [
                                    "Required",
                                    "Optional"
                                  ],
                                  "description": "Whether it may be empty. Default: Optional."
                                }
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                },
                "fixed": {
                  "type": "object",
                  "description": "The document travels in a file of lines whose fields have fixed positions.",
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.fields) != has(self.records)",
                      "message": "fixed needs exactly one of fields, records"
                    },
                    {
                      "rule": "has(self.key) == (has(self.documentPer) && self.documentPer == 'Key')",
                      "message": "key belongs to documentPer: Key, and documentPer: Key needs it"
                    },
                    {
                      "rule": "has(self.fields) || !has(self.documentPer)",
                      "message": "documentPer belongs to fields: of records, the first one of scope Document begins a document"
                    },
                    {
                      "rule": "has(self.records) == has(self.tag)",
                      "message": "tag says where records tell their kind: records need it, fields have none"
                    }
                  ],
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: none, the rows are what the mapping reads.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "encoding": {
                      "type": "string",
                      "maxLength": 12,
                      "pattern": "^(UTF-8|ISO-8859-1|Windows-1252)$",
                      "description": "Character set of the file: `UTF-8`, `ISO-8859-1`, `Windows-1252`. Default: UTF-8."
                    },
                    "tag": {
                      "type": "object",
                      "description": "Where a line tells its kind of record.",
                      "required": [
                        "start",
                        "length"
                      ],
                      "properties": {
                        "start": {
                          "type": "integer",
                          "minimum": 1,
                          "maximum": 100000,
                          "description": "Position of its first character, from 1."
                        },
                        "length": {
                          "type": "integer",
                          "minimum": 1,
                          "maximum": 32,
                          "description": "Number of characters."
                        }
                      }
                    },
                    "documentPer": {
                      "type": "string",
                      "enum": [
                        "Row",
                        "Key",
                        "File"
                      ],
                      "description": "With fields, what one document is. Row: each row. Key: rows that stand together and have the same key, as `{rows: […]}`. File: all rows, as `{rows: […]}`. Default: Row."
                    },
                    "key": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 8,
                      "description": "Fields whose values together tell documents apart. With documentPer: Key.",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "description": "Name of a field."
                      }
                    },
                    "fields": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 256,
                      "description": "Fields by their position in the line.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One field.",
                        "required": [
                          "name",
                          "start",
                          "length"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "start": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 100000,
                            "description": "Position of its first character in the line, from 1."
                          },
                          "length": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 10000,
                            "description": "Number of characters."
                          },
                          "align": {
                            "type": "string",
                            "enum": [
                              "Left",
                              "Right",
                              "Zeros"
                            ],
                            "description": "How it is filled up when written: Left with blanks behind, Right with blanks before, Zeros with zeros before. Default: Left, of a Number Zeros."
                          },
                          "type": {
                            "type": "string",
                            "enum": [
                              "Text",
                              "Number",
                              "Date"
                            ],
                            "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                          },
                          "decimalMark": {
                            "type": "string",
                            "enum": [
                              "Point",
                              "Comma"
                            ],
                            "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                          },
                          "impliedDecimals": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 9,
                            "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                          },
                          "dateFormat": {
                            "type": "string",
                            "minLength": 4,
                            "maxLength": 16,
                            "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                            "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                          },
                          "presence": {
                            "type": "string",
                            "enum": [
                              "Required",
                              "Optional"
                            ],
                            "description": "Whether it may be empty. Default: Optional."
                          }
                        }
                      }
                    },
                    "records": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 32,
                      "description": "Kinds of records, where a file has several, such as header, line and trailer. The first one of scope Document begins a document:\n`{head: {…}, lines: [{…}, …]}`.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One kind of record.",
                        "required": [
                          "name",
                          "tag",
                          "fields"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "tag": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 32,
                            "description": "What tells this kind of record: `H`, `LIN`."
                          },
                          "within": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "description": "Record that it belongs to: the last one of it that came. Default: the document."
                          },
                          "occurs": {
                            "type": "string",
                            "enum": [
                              "Once",
                              "Many"
                            ],
                            "description": "How often it may stand there; Many is read as a list. Default: Once."
                          },
                          "scope": {
                            "type": "string",
                            "enum": [
                              "Document",
                              "File"
                            ],
                            "description": "File: it stands before or after all documents, as the head of a file does, and is in every document after it under `file`. Not written. Default: Document."
                          },
                          "fields": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 256,
                            "description": "Fields by their position in the line.",
                            "x-kubernetes-list-type": "map",
                            "x-kubernetes-list-map-keys": [
                              "name"
                            ],
                            "items": {
                              "type": "object",
                              "description": "One field.",
                              "required": [
                                "name",
                                "start",
                                "length"
                              ],
                              "properties": {
                                "name": {
                                  "type": "string",
                                  "minLength": 1,
                                  "maxLength": 64,
                                  "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                                  "description": "Name in the document."
                                },
                                "start": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 100000,
                                  "description": "Position of its first character in the line, from 1."
                                },
                                "length": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 10000,
                                  "description": "Number of characters."
                                },
                                "align": {
                                  "type": "string",
                                  "enum": [
                                    "Left",
                                    "Right",
                                    "Zeros"
                                  ],
                                  "description": "How it is filled up when written: Left with blanks behind, Right with blanks before, Zeros with zeros before. Default: Left, of a Number Zeros."
                                },
                                "type": {
                                  "type": "string",
                                  "enum": [
                                    "Text",
                                    "Number",
                                    "Date"
                                  ],
                                  "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                                },
                                "decimalMark": {
                                  "type": "string",
                                  "enum": [
                                    "Point",
                                    "Comma"
                                  ],
                                  "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                                },
                                "impliedDecimals": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 9,
                                  "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                                },
                                "dateFormat": {
                                  "type": "string",
                                  "minLength": 4,
                                  "maxLength": 16,
                                  "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                                  "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                                },
                                "presence": {
                                  "type": "string",
                                  "enum": [
                                    "Required",
                                    "Optional"
                                  ],
                                  "description": "Whether it may be empty. Default: Optional."
                                }
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                },
                "xml": {
                  "type": "object",
                  "description": "The document travels as XML, such as UBL or cXML.",
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: none, the elements are what the mapping reads.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "root": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 64,
                      "pattern": "^[A-Za-z_][A-Za-z0-9._-]*$",
                      "description": "Name of the root element without prefix, `Invoice`: tells the file from other XML of the channel. Default: any."
                    },
                    "namespaces": {
                      "type": "object",
                      "maxProperties": 16,
                      "description": "Namespaces by the prefix that the mapping uses for them, whatever prefix the file has: `cbc: urn:oasis:…:CommonBasicComponents-2`; an empty prefix for\nnames without one. What we write declares them at its root.",
                      "additionalProperties": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "description": "Namespace."
                      }
                    },
                    "doctype": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256,
                      "pattern": "^[^<>]+$",
                      "description": "What we write between `<!DOCTYPE` and `>`, for cXML. Default: none."
                    },
                    "encoding": {
                      "type": "string",
                      "maxLength": 10,
                      "pattern": "^(UTF-8|ISO-8859-1)$",
                      "description": "Character set that we write, `UTF-8` or `ISO-8859-1`; what we read names its own. Default: UTF-8."
                    },
                    "layout": {
                      "type": "string",
                      "enum": [
                        "Compact",
                        "Indented"
                      ],
                      "description": "How we write it: on one line, or an element per line. Default: Compact."
                    }
                  }
                },
                "json": {
                  "type": "object",
                  "description": "The document travels as JSON.",
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: the canonical type itself.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "documentPer": {
                      "type": "string",
                      "enum": [
                        "File",
                        "Line"
                      ],
                      "description": "What one document is. Line: each line of the file (NDJSON). Default: File."
                    }
                  }
                },
                "filePattern": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "description": "Names of the files that hold it, with `*`, `?` and `{a,b}`: where a channel carries several kinds of csv, fixed, json or xml, or several partners. X12 and EDIFACT name themselves. Default: any."
                },
                "mappingRef": {
                  "type": "object",
                  "description": "Mapping between the wire form and the canonical type. Needed where the two differ.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the Mapping."
                    }
                  }
                },
                "usage": {
                  "type": "string",
                  "enum": [
                    "Production",
                    "Test"
                  ],
                  "description": "Whether the documents are exchanged for production or as tests (ISA15 `P` or `T`, test indicator of the UNB). Default: Production."
                }
              }
            }
          },
          "allowedNamespaces": {
            "type": "object",
            "description": "Namespaces whose Partners may name this profile. Default: this namespace only.",
            "required": [
              "from"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.selector) == (self.from == 'Selector')",
                "message": "allowedNamespaces.selector belongs to from: Selector, and from: Selector needs it"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "enum": [
                  "Same",
                  "All",
                  "Selector"
                ],
                "description": "Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector."
              },
              "selector": {
                "type": "object",
                "description": "Labels that a namespace must have. Only with from: Selector.",
                "properties": {
                  "matchLabels": {
                    "type": "object",
                    "maxProperties": 16,
                    "description": "Labels, all of which must be equal on the namespace.",
                    "additionalProperties": {
                      "type": "string",
                      "maxLength": 63,
                      "description": "Value of the label."
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "Partner": {
    "type": "object",
    "description": "A company that documents are exchanged with: who it is, how it is reached, and on what terms.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Partner`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Identity, channel, credentials and terms. Terms given here override the profile's.",
        "required": [
          "identifiers"
        ],
        "properties": {
          "profileRef": {
            "type": "object",
            "description": "Profile whose terms hold where this Partner says nothing.",
            "required": [
              "name"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of the PartnerProfile."
              },
              "namespace": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Namespace of the PartnerProfile, whose allowedNamespaces must admit this one. Default: this namespace."
              }
            }
          },
          "x12": {
            "type": "object",
            "description": "How X12 interchanges are read and written.",
            "properties": {
              "version": {
                "type": "string",
                "pattern": "^00[3-8][0-9]{3}$",
                "maxLength": 6,
                "description": "Version of the transactions, six digits, quoted. Default: `004010`."
              },
              "envelopeErrors": {
                "type": "string",
                "enum": [
                  "Reject",
                  "Warn",
                  "Accept"
                ],
                "description": "What wrong counts or control numbers in trailers (SE, GE, IEA) lead to. Reject: the interchange is rejected. Warn: its documents pass with a warning\nin their journal. Accept: they pass. Default: Warn."
              },
              "delimiters": {
                "type": "object",
                "description": "Delimiters of what we send. What we receive names its own.",
                "x-kubernetes-validations": [
                  {
                    "rule": "(!has(self.element) || !has(self.segment) || self.element != self.segment) && (!has(self.element) || !has(self.component) || self.element != self.component) &&\n(!has(self.element) || !has(self.repetition) || self.element != self.repetition) && (!has(self.segment) || !has(self.component) || self.segment != self.component) &&\n(!has(self.segment) || !has(self.repetition) || self.segment != self.repetition) && (!has(self.component) || !has(self.repetition) || self.component != self.repetition)",
                    "message": "delimiters must differ from each other"
                  }
                ],
                "properties": {
                  "element": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "Between elements. Default: `*`."
                  },
                  "segment": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "After each segment. Default: `~`."
                  },
                  "component": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "Between components of an element. Default: `>`."
                  },
                  "repetition": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1,
                    "pattern": "^[^A-Za-z0-9 ]$",
                    "description": "Between repetitions of an element, from version 004020 on. Default: `^`."
                  }
                }
              }
            }
          },
          "edifact": {
            "type": "object",
            "description": "How EDIFACT interchanges are read and written.",
            "properties": {
              "directory": {
                "type": "string",
                "pattern": "^D\\.[0-9]{2}[A-Z]$",
                "maxLength": 5,
                "description": "Directory of the messages that we send: `D.96A` (EANCOM 1997) or `D.01B` (EANCOM 2002). What we receive names its own. Default: `D.96A`."
              },
              "syntax": {
                "type": "string",
                "pattern": "^UNO[A-JWY]:[1-4]$",
                "maxLength": 6,
                "description": "Syntax identifier and version of what we send, which decide the character set: `UNOA:1`, `UNOC:3` (ISO 8859-1), `UNOY:4` (UTF-8). Default: `UNOC:3`."
              },
              "envelopeErrors": {
                "type": "string",
                "enum": [
                  "Reject",
                  "Warn",
                  "Accept"
                ],
                "description": "What wrong counts or references in trailers (UNT, UNE, UNZ) lead to. Reject: the message or interchange is rejected. Warn: its documents pass with a\nwarning in their journal. Accept: they pass. Default: Warn."
              }
            }
          },
          "acknowledgments": {
            "type": "object",
            "description": "Acknowledgments between us and the partner.",
            "properties": {
              "send": {
                "type": "string",
                "enum": [
                  "None",
                  "Functional"
                ],
                "description": "What we answer to a received interchange. Functional: a 997 per group of X12 (a 999 where `x12` says so), a CONTRL per interchange of EDIFACT. Default: None."
              },
              "interchange": {
                "type": "string",
                "enum": [
                  "None",
                  "Errors",
                  "All"
                ],
                "description": "Whether an X12 interchange is answered with a TA1. Errors: only one that cannot be taken. All: each. What asks for it in its ISA14 is always answered. Default: None."
              },
              "x12": {
                "type": "string",
                "maxLength": 3,
                "pattern": "^99[79]$",
                "description": "Which transaction acknowledges groups of X12, `997` or `999`, quoted. Default: `999` for versions from 005010 on, else `997`."
              },
              "expectWithin": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Time within which the partner acknowledges what we send as X12 or EDIFACT, e.g. `24h`; later it counts as overdue. Default: none is expected."
              }
            }
          },
          "documents": {
            "type": "array",
            "maxItems": 64,
            "description": "Terms per document type: how it travels. A Partner's entry overrides the profile's entry for the same document type and direction, field by field.",
            "items": {
              "type": "object",
              "description": "Terms of one document type.",
              "required": [
                "documentTypeRef"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "[has(self.x12), has(self.edifact), has(self.csv), has(self.fixed), has(self.xml), has(self.json)].filter(x, x).size() <= 1",
                  "message": "a document travels one way: set at most one of x12, edifact, csv, fixed, xml, json"
                }
              ],
              "properties": {
                "documentTypeRef": {
                  "type": "object",
                  "description": "Canonical type of the document.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the DocumentType."
                    }
                  }
                },
                "direction": {
                  "type": "string",
                  "enum": [
                    "Inbound",
                    "Outbound"
                  ],
                  "description": "Who sends. Inbound: the partner sends it to us. Outbound: we send it. Default: as the Integrations that use the type need it."
                },
                "x12": {
                  "type": "object",
                  "description": "The document travels as an X12 transaction.",
                  "required": [
                    "transaction"
                  ],
                  "properties": {
                    "transaction": {
                      "type": "string",
                      "pattern": "^[0-9]{3}$",
                      "maxLength": 3,
                      "description": "Transaction set, three digits, quoted: `850`, `855`, `856`, `810`."
                    }
                  }
                },
                "edifact": {
                  "type": "object",
                  "description": "The document travels as an EDIFACT message.",
                  "required": [
                    "message"
                  ],
                  "properties": {
                    "message": {
                      "type": "string",
                      "pattern": "^[A-Z]{6}$",
                      "maxLength": 6,
                      "description": "Message type: `ORDERS`, `ORDRSP`, `DESADV`, `INVOIC`."
                    },
                    "association": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 6,
                      "pattern": "^[A-Z0-9]+$",
                      "description": "Association assigned code of what we send, the last part of UNH02: `EAN008`. Default: none."
                    }
                  }
                },
                "csv": {
                  "type": "object",
                  "description": "The document travels in a CSV file. Which columns there are, and what a document is, is declared here.",
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.fields) != has(self.records)",
                      "message": "csv needs exactly one of fields, records"
                    },
                    {
                      "rule": "has(self.key) == (has(self.documentPer) && self.documentPer == 'Key')",
                      "message": "key belongs to documentPer: Key, and documentPer: Key needs it"
                    },
                    {
                      "rule": "has(self.fields) || !has(self.documentPer)",
                      "message": "documentPer belongs to fields: of records, the first one of scope Document begins a document"
                    },
                    {
                      "rule": "!has(self.records) || !has(self.header)",
                      "message": "header belongs to fields: a file of several kinds of records has none"
                    },
                    {
                      "rule": "has(self.records) || !has(self.tagField)",
                      "message": "tagField belongs to records"
                    },
                    {
                      "rule": "(has(self.delimiter) ? self.delimiter : \",\") != (has(self.quote) ? self.quote : \"\\\"\")",
                      "message": "delimiter and quote must differ"
                    }
                  ],
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: none, the rows are what the mapping reads.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "encoding": {
                      "type": "string",
                      "maxLength": 12,
                      "pattern": "^(UTF-8|ISO-8859-1|Windows-1252)$",
                      "description": "Character set of the file: `UTF-8`, `ISO-8859-1`, `Windows-1252`. Default: UTF-8."
                    },
                    "delimiter": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 1,
                      "pattern": "^[^A-Za-z0-9\\r\\n ]$",
                      "description": "Between fields. Default: `,`."
                    },
                    "quote": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 1,
                      "pattern": "^[^A-Za-z0-9\\r\\n ]$",
                      "description": "Around fields that hold a delimiter or a line break; doubled within. Default: `\"`."
                    },
                    "header": {
                      "type": "string",
                      "enum": [
                        "Present",
                        "Absent"
                      ],
                      "description": "Whether the first row names the columns. Default: Present."
                    },
                    "tagField": {
                      "type": "integer",
                      "minimum": 1,
                      "maximum": 256,
                      "description": "With records, number of the field that holds the tag. Default: 1."
                    },
                    "documentPer": {
                      "type": "string",
                      "enum": [
                        "Row",
                        "Key",
                        "File"
                      ],
                      "description": "With fields, what one document is. Row: each row. Key: rows that stand together and have the same key, as `{rows: […]}`. File: all rows, as `{rows: […]}`. Default: Row."
                    },
                    "key": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 8,
                      "description": "Fields whose values together tell documents apart. With documentPer: Key.",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "description": "Name of a field."
                      }
                    },
                    "fields": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 256,
                      "description": "Columns in the order of the file; where the file has a header, in any order.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One field.",
                        "required": [
                          "name"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "header": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 128,
                            "description": "Name of the column in the header of the file. Default: `name`."
                          },
                          "type": {
                            "type": "string",
                            "enum": [
                              "Text",
                              "Number",
                              "Date"
                            ],
                            "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                          },
                          "decimalMark": {
                            "type": "string",
                            "enum": [
                              "Point",
                              "Comma"
                            ],
                            "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                          },
                          "impliedDecimals": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 9,
                            "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                          },
                          "dateFormat": {
                            "type": "string",
                            "minLength": 4,
                            "maxLength": 16,
                            "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                            "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                          },
                          "presence": {
                            "type": "string",
                            "enum": [
                              "Required",
                              "Optional"
                            ],
                            "description": "Whether it may be empty. Default: Optional."
                          }
                        }
                      }
                    },
                    "records": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 32,
                      "description": "Kinds of records, where a file has several, such as header, line and trailer. The first one of scope Document begins a document:\n`{head: {…}, lines: [{…}, …]}`.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One kind of record.",
                        "required": [
                          "name",
                          "tag",
                          "fields"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "tag": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 32,
                            "description": "What tells this kind of record: `H`, `LIN`."
                          },
                          "within": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "description": "Record that it belongs to: the last one of it that came. Default: the document."
                          },
                          "occurs": {
                            "type": "string",
                            "enum": [
                              "Once",
                              "Many"
                            ],
                            "description": "How often it may stand there; Many is read as a list. Default: Once."
                          },
                          "scope": {
                            "type": "string",
                            "enum": [
                              "Document",
                              "File"
                            ],
                            "description": "File: it stands before or after all documents, as the head of a file does, and is in every document after it under `file`. Not written. Default: Document."
                          },
                          "fields": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 256,
                            "description": "Columns in the order of the file; where the file has a header, in any order.",
                            "x-kubernetes-list-type": "map",
                            "x-kubernetes-list-map-keys": [
                              "name"
                            ],
                            "items": {
                              "type": "object",
                              "description": "One field.",
                              "required": [
                                "name"
                              ],
                              "properties": {
                                "name": {
                                  "type": "string",
                                  "minLength": 1,
                                  "maxLength": 64,
                                  "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                                  "description": "Name in the document."
                                },
                                "header": {
                                  "type": "string",
                                  "minLength": 1,
                                  "maxLength": 128,
                                  "description": "Name of the column in the header of the file. Default: `name`."
                                },
                                "type": {
                                  "type": "string",
                                  "enum": [
                                    "Text",
                                    "Number",
                                    "Date"
                                  ],
                                  "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                                },
                                "decimalMark": {
                                  "type": "string",
                                  "enum": [
                                    "Point",
                                    "Comma"
                                  ],
                                  "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                                },
                                "impliedDecimals": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 9,
                                  "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                                },
                                "dateFormat": {
                                  "type": "string",
                                  "minLength": 4,
                                  "maxLength": 16,
                                  "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                                  "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                                },
                                "presence": {
                                  "type": "string",
                                  "enum": [
                                    "Required",
                                    "Optional"
                                  ],
                                  "description": "Whether it may be empty. Default: Optional."
                                }
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                },
                "fixed": {
                  "type": "object",
                  "description": "The document travels in a file of lines whose fields have fixed positions.",
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.fields) != has(self.records)",
                      "message": "fixed needs exactly one of fields, records"
                    },
                    {
                      "rule": "has(self.key) == (has(self.documentPer) && self.documentPer == 'Key')",
                      "message": "key belongs to documentPer: Key, and documentPer: Key needs it"
                    },
                    {
                      "rule": "has(self.fields) || !has(self.documentPer)",
                      "message": "documentPer belongs to fields: of records, the first one of scope Document begins a document"
                    },
                    {
                      "rule": "has(self.records) == has(self.tag)",
                      "message": "tag says where records tell their kind: records need it, fields have none"
                    }
                  ],
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: none, the rows are what the mapping reads.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "encoding": {
                      "type": "string",
                      "maxLength": 12,
                      "pattern": "^(UTF-8|ISO-8859-1|Windows-1252)$",
                      "description": "Character set of the file: `UTF-8`, `ISO-8859-1`, `Windows-1252`. Default: UTF-8."
                    },
                    "tag": {
                      "type": "object",
                      "description": "Where a line tells its kind of record.",
                      "required": [
                        "start",
                        "length"
                      ],
                      "properties": {
                        "start": {
                          "type": "integer",
                          "minimum": 1,
                          "maximum": 100000,
                          "description": "Position of its first character, from 1."
                        },
                        "length": {
                          "type": "integer",
                          "minimum": 1,
                          "maximum": 32,
                          "description": "Number of characters."
                        }
                      }
                    },
                    "documentPer": {
                      "type": "string",
                      "enum": [
                        "Row",
                        "Key",
                        "File"
                      ],
                      "description": "With fields, what one document is. Row: each row. Key: rows that stand together and have the same key, as `{rows: […]}`. File: all rows, as `{rows: […]}`. Default: Row."
                    },
                    "key": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 8,
                      "description": "Fields whose values together tell documents apart. With documentPer: Key.",
                      "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "description": "Name of a field."
                      }
                    },
                    "fields": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 256,
                      "description": "Fields by their position in the line.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One field.",
                        "required": [
                          "name",
                          "start",
                          "length"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "start": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 100000,
                            "description": "Position of its first character in the line, from 1."
                          },
                          "length": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 10000,
                            "description": "Number of characters."
                          },
                          "align": {
                            "type": "string",
                            "enum": [
                              "Left",
                              "Right",
                              "Zeros"
                            ],
                            "description": "How it is filled up when written: Left with blanks behind, Right with blanks before, Zeros with zeros before. Default: Left, of a Number Zeros."
                          },
                          "type": {
                            "type": "string",
                            "enum": [
                              "Text",
                              "Number",
                              "Date"
                            ],
                            "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                          },
                          "decimalMark": {
                            "type": "string",
                            "enum": [
                              "Point",
                              "Comma"
                            ],
                            "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                          },
                          "impliedDecimals": {
                            "type": "integer",
                            "minimum": 1,
                            "maximum": 9,
                            "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                          },
                          "dateFormat": {
                            "type": "string",
                            "minLength": 4,
                            "maxLength": 16,
                            "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                            "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                          },
                          "presence": {
                            "type": "string",
                            "enum": [
                              "Required",
                              "Optional"
                            ],
                            "description": "Whether it may be empty. Default: Optional."
                          }
                        }
                      }
                    },
                    "records": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 32,
                      "description": "Kinds of records, where a file has several, such as header, line and trailer. The first one of scope Document begins a document:\n`{head: {…}, lines: [{…}, …]}`.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One kind of record.",
                        "required": [
                          "name",
                          "tag",
                          "fields"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                            "description": "Name in the document."
                          },
                          "tag": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 32,
                            "description": "What tells this kind of record: `H`, `LIN`."
                          },
                          "within": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "description": "Record that it belongs to: the last one of it that came. Default: the document."
                          },
                          "occurs": {
                            "type": "string",
                            "enum": [
                              "Once",
                              "Many"
                            ],
                            "description": "How often it may stand there; Many is read as a list. Default: Once."
                          },
                          "scope": {
                            "type": "string",
                            "enum": [
                              "Document",
                              "File"
                            ],
                            "description": "File: it stands before or after all documents, as the head of a file does, and is in every document after it under `file`. Not written. Default: Document."
                          },
                          "fields": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 256,
                            "description": "Fields by their position in the line.",
                            "x-kubernetes-list-type": "map",
                            "x-kubernetes-list-map-keys": [
                              "name"
                            ],
                            "items": {
                              "type": "object",
                              "description": "One field.",
                              "required": [
                                "name",
                                "start",
                                "length"
                              ],
                              "properties": {
                                "name": {
                                  "type": "string",
                                  "minLength": 1,
                                  "maxLength": 64,
                                  "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
                                  "description": "Name in the document."
                                },
                                "start": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 100000,
                                  "description": "Position of its first character in the line, from 1."
                                },
                                "length": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 10000,
                                  "description": "Number of characters."
                                },
                                "align": {
                                  "type": "string",
                                  "enum": [
                                    "Left",
                                    "Right",
                                    "Zeros"
                                  ],
                                  "description": "How it is filled up when written: Left with blanks behind, Right with blanks before, Zeros with zeros before. Default: Left, of a Number Zeros."
                                },
                                "type": {
                                  "type": "string",
                                  "enum": [
                                    "Text",
                                    "Number",
                                    "Date"
                                  ],
                                  "description": "What the field holds. In the document all are text: a Number with a decimal point, a Date as `2026-11-24`. Default: Text."
                                },
                                "decimalMark": {
                                  "type": "string",
                                  "enum": [
                                    "Point",
                                    "Comma"
                                  ],
                                  "description": "Decimal mark of a Number; the other one may separate thousands. Default: Point."
                                },
                                "impliedDecimals": {
                                  "type": "integer",
                                  "minimum": 1,
                                  "maximum": 9,
                                  "description": "Digits of a Number behind a decimal mark that is not written: with 2, `1250` is 12.50. Default: none."
                                },
                                "dateFormat": {
                                  "type": "string",
                                  "minLength": 4,
                                  "maxLength": 16,
                                  "pattern": "^(YYYY|YY|MM|DD|[^A-Za-z0-9])+$",
                                  "description": "How a Date is written, of `YYYY`, `YY`, `MM`, `DD`: `DD.MM.YYYY`. Default: `YYYY-MM-DD`."
                                },
                                "presence": {
                                  "type": "string",
                                  "enum": [
                                    "Required",
                                    "Optional"
                                  ],
                                  "description": "Whether it may be empty. Default: Optional."
                                }
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                },
                "xml": {
                  "type": "object",
                  "description": "The document travels as XML, such as UBL or cXML.",
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: none, the elements are what the mapping reads.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "root": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 64,
                      "pattern": "^[A-Za-z_][A-Za-z0-9._-]*$",
                      "description": "Name of the root element without prefix, `Invoice`: tells the file from other XML of the channel. Default: any."
                    },
                    "namespaces": {
                      "type": "object",
                      "maxProperties": 16,
                      "description": "Namespaces by the prefix that the mapping uses for them, whatever prefix the file has: `cbc: urn:oasis:…:CommonBasicComponents-2`; an empty prefix for\nnames without one. What we write declares them at its root.",
                      "additionalProperties": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 256,
                        "description": "Namespace."
                      }
                    },
                    "doctype": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256,
                      "pattern": "^[^<>]+$",
                      "description": "What we write between `<!DOCTYPE` and `>`, for cXML. Default: none."
                    },
                    "encoding": {
                      "type": "string",
                      "maxLength": 10,
                      "pattern": "^(UTF-8|ISO-8859-1)$",
                      "description": "Character set that we write, `UTF-8` or `ISO-8859-1`; what we read names its own. Default: UTF-8."
                    },
                    "layout": {
                      "type": "string",
                      "enum": [
                        "Compact",
                        "Indented"
                      ],
                      "description": "How we write it: on one line, or an element per line. Default: Compact."
                    }
                  }
                },
                "json": {
                  "type": "object",
                  "description": "The document travels as JSON.",
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the form on the wire, checked before mapping. Default: the canonical type itself.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "documentPer": {
                      "type": "string",
                      "enum": [
                        "File",
                        "Line"
                      ],
                      "description": "What one document is. Line: each line of the file (NDJSON). Default: File."
                    }
                  }
                },
                "filePattern": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 256,
                  "description": "Names of the files that hold it, with `*`, `?` and `{a,b}`: where a channel carries several kinds of csv, fixed, json or xml, or several partners. X12 and EDIFACT name themselves. Default: any."
                },
                "mappingRef": {
                  "type": "object",
                  "description": "Mapping between the wire form and the canonical type. Needed where the two differ.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the Mapping."
                    }
                  }
                },
                "usage": {
                  "type": "string",
                  "enum": [
                    "Production",
                    "Test"
                  ],
                  "description": "Whether the documents are exchanged for production or as tests (ISA15 `P` or `T`, test indicator of the UNB). Default: Production."
                }
              }
            }
          },
          "calendar": {
            "type": "object",
            "description": "When the partner works: by it run the clocks of SLAPolicies with `clock: WorkingTime`. Over the calendar of the profile, field by field; the two together need timeZone and workingHours.",
            "properties": {
              "timeZone": {
                "type": "string",
                "minLength": 1,
                "maxLength": 64,
                "pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$",
                "description": "Time zone of the IANA database, e.g. `Europe/Berlin`."
              },
              "workingHours": {
                "type": "array",
                "minItems": 1,
                "maxItems": 14,
                "description": "Shifts. What overlaps counts once.",
                "x-kubernetes-list-type": "atomic",
                "items": {
                  "type": "object",
                  "description": "One shift, on each of its days.",
                  "required": [
                    "days",
                    "from",
                    "to"
                  ],
                  "x-kubernetes-validations": [
                    {
                      "rule": "self.from != self.to",
                      "message": "a shift cannot end when it begins: write from \"00:00\" to \"24:00\" for a whole day"
                    }
                  ],
                  "properties": {
                    "days": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 7,
                      "description": "Days on which it begins.",
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "enum": [
                          "Mon",
                          "Tue",
                          "Wed",
                          "Thu",
                          "Fri",
                          "Sat",
                          "Sun"
                        ],
                        "description": "Day of the week."
                      }
                    },
                    "from": {
                      "type": "string",
                      "maxLength": 5,
                      "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                      "description": "Local time at which it begins, quoted: `\"08:00\"`."
                    },
                    "to": {
                      "type": "string",
                      "maxLength": 5,
                      "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
                      "description": "Local time at which it ends, quoted. Earlier than `from`: on the day after, as a night shift does."
                    }
                  }
                }
              },
              "holidays": {
                "type": "object",
                "description": "Days on which no shift begins.",
                "x-kubernetes-validations": [
                  {
                    "rule": "!has(self.region) || has(self.country)",
                    "message": "a region is one of a country: add country"
                  }
                ],
                "properties": {
                  "country": {
                    "type": "string",
                    "maxLength": 2,
                    "pattern": "^[A-Z]{2}$",
                    "description": "Public holidays of this country, ISO 3166, e.g. `DE`."
                  },
                  "region": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 8,
                    "pattern": "^[A-Z0-9]+$",
                    "description": "And those of this region of it, as ISO 3166-2 has it after the dash, e.g. `BY` of `DE-BY`."
                  },
                  "dates": {
                    "type": "array",
                    "maxItems": 128,
                    "description": "And these days, e.g. a works holiday.",
                    "x-kubernetes-list-type": "set",
                    "items": {
                      "type": "string",
                      "maxLength": 10,
                      "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
                      "description": "Date, e.g. `2026-12-24`."
                    }
                  }
                }
              },
              "cutOff": {
                "type": "string",
                "maxLength": 5,
                "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                "description": "What begins at or after this local time counts from the next day on. Default: none."
              }
            }
          },
          "displayName": {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "description": "Name for people. Default: metadata.name."
          },
          "identifiers": {
            "type": "array",
            "minItems": 1,
            "maxItems": 32,
            "description": "Identifiers by which the partner is known, in envelopes and in our systems. Two Partners with one identifier are in conflict.",
            "items": {
              "type": "object",
              "description": "One identifier.",
              "required": [
                "scheme",
                "value"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "(self.scheme == 'System') == has(self.system)",
                  "message": "system belongs to scheme System, and scheme System needs it"
                },
                {
                  "rule": "self.scheme != 'X12' || (has(self.qualifier) && self.qualifier.size() == 2)",
                  "message": "scheme X12 needs the ISA qualifier of two characters, e.g. ZZ"
                },
                {
                  "rule": "self.scheme in ['X12', 'EDIFACT'] || !has(self.qualifier)",
                  "message": "qualifier belongs to the schemes X12 and EDIFACT"
                },
                {
                  "rule": "self.scheme != 'X12' || self.value.size() <= 15",
                  "message": "an X12 interchange id has at most 15 characters"
                },
                {
                  "rule": "self.scheme != 'GLN' || self.value.matches('^[0-9]{13}$')",
                  "message": "a GLN has 13 digits"
                },
                {
                  "rule": "self.scheme != 'DUNS' || self.value.matches('^[0-9]{9}$')",
                  "message": "a DUNS number has 9 digits"
                }
              ],
              "properties": {
                "scheme": {
                  "type": "string",
                  "enum": [
                    "GLN",
                    "X12",
                    "EDIFACT",
                    "DUNS",
                    "System"
                  ],
                  "description": "Numbering scheme. GLN: GS1 location number. X12: interchange id with qualifier. EDIFACT: UNB party id. DUNS: D&B number. System: a number in one of our own systems."
                },
                "qualifier": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 4,
                  "pattern": "^[A-Z0-9]+$",
                  "description": "X12: the ISA qualifier of two characters, e.g. `ZZ`, required. EDIFACT: code of the numbering agency, optional."
                },
                "system": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  "description": "Scheme System only: name of our own system whose number this is, e.g. `erp`."
                },
                "value": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 64,
                  "pattern": "^[!-~]([ -~]*[!-~])?$",
                  "description": "The identifier itself, quoted, without padding: leading zeros count."
                },
                "usage": {
                  "type": "string",
                  "enum": [
                    "Production",
                    "Test"
                  ],
                  "description": "Whether interchanges with this identifier are for production or tests. Default: Production."
                }
              }
            }
          },
          "sites": {
            "type": "array",
            "maxItems": 64,
            "description": "Plants, warehouses or subsidiaries with identifiers of their own; what they send counts as the partner's.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One site.",
              "required": [
                "name",
                "identifiers"
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  "description": "Name of the site."
                },
                "identifiers": {
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 16,
                  "description": "Identifiers of the site.",
                  "items": {
                    "type": "object",
                    "description": "One identifier.",
                    "required": [
                      "scheme",
                      "value"
                    ],
                    "x-kubernetes-validations": [
                      {
                        "rule": "(self.scheme == 'System') == has(self.system)",
                        "message": "system belongs to scheme System, and scheme System needs it"
                      },
                      {
                        "rule": "self.scheme != 'X12' || (has(self.qualifier) && self.qualifier.size() == 2)",
                        "message": "scheme X12 needs the ISA qualifier of two characters, e.g. ZZ"
                      },
                      {
                        "rule": "self.scheme in ['X12', 'EDIFACT'] || !has(self.qualifier)",
                        "message": "qualifier belongs to the schemes X12 and EDIFACT"
                      },
                      {
                        "rule": "self.scheme != 'X12' || self.value.size() <= 15",
                        "message": "an X12 interchange id has at most 15 characters"
                      },
                      {
                        "rule": "self.scheme != 'GLN' || self.value.matches('^[0-9]{13}$')",
                        "message": "a GLN has 13 digits"
                      },
                      {
                        "rule": "self.scheme != 'DUNS' || self.value.matches('^[0-9]{9}$')",
                        "message": "a DUNS number has 9 digits"
                      }
                    ],
                    "properties": {
                      "scheme": {
                        "type": "string",
                        "enum": [
                          "GLN",
                          "X12",
                          "EDIFACT",
                          "DUNS",
                          "System"
                        ],
                        "description": "Numbering scheme. GLN: GS1 location number. X12: interchange id with qualifier. EDIFACT: UNB party id. DUNS: D&B number. System: a number in one of our own systems."
                      },
                      "qualifier": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 4,
                        "pattern": "^[A-Z0-9]+$",
                        "description": "X12: the ISA qualifier of two characters, e.g. `ZZ`, required. EDIFACT: code of the numbering agency, optional."
                      },
                      "system": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                        "description": "Scheme System only: name of our own system whose number this is, e.g. `erp`."
                      },
                      "value": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "pattern": "^[!-~]([ -~]*[!-~])?$",
                        "description": "The identifier itself, quoted, without padding: leading zeros count."
                      },
                      "usage": {
                        "type": "string",
                        "enum": [
                          "Production",
                          "Test"
                        ],
                        "description": "Whether interchanges with this identifier are for production or tests. Default: Production."
                      }
                    }
                  }
                }
              }
            }
          },
          "channel": {
            "type": "object",
            "description": "How files and messages travel: one connector for both ways, or inbound and outbound apart. A partner that only posts to our HTTP endpoint\nneeds none.",
            "x-kubernetes-validations": [
              {
                "rule": "has(self.connectorRef) != (has(self.inbound) || has(self.outbound))",
                "message": "channel needs either connectorRef for both ways, or inbound and outbound apart"
              }
            ],
            "properties": {
              "connectorRef": {
                "type": "object",
                "description": "Connector for both ways.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the Connector."
                  }
                }
              },
              "inbound": {
                "type": "object",
                "description": "From the partner to us.",
                "required": [
                  "connectorRef"
                ],
                "properties": {
                  "connectorRef": {
                    "type": "object",
                    "description": "Connector that the partner's documents come in by.",
                    "required": [
                      "name"
                    ],
                    "properties": {
                      "name": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "description": "Name of the Connector."
                      }
                    }
                  }
                }
              },
              "outbound": {
                "type": "object",
                "description": "From us to the partner.",
                "required": [
                  "connectorRef"
                ],
                "properties": {
                  "connectorRef": {
                    "type": "object",
                    "description": "Connector that documents for the partner go out by.",
                    "required": [
                      "name"
                    ],
                    "properties": {
                      "name": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "description": "Name of the Connector."
                      }
                    }
                  }
                }
              }
            }
          },
          "credentials": {
            "type": "array",
            "maxItems": 8,
            "description": "What tells the partner's requests on `POST /documents/<document type>`. Any of them is enough, so that a new one can be introduced before the\nold one is removed.",
            "items": {
              "type": "object",
              "description": "One credential. Exactly one of apiKey and hmac.",
              "x-kubernetes-validations": [
                {
                  "rule": "has(self.apiKey) != has(self.hmac)",
                  "message": "a credential needs exactly one of apiKey, hmac"
                }
              ],
              "properties": {
                "apiKey": {
                  "type": "object",
                  "description": "The partner sends the key as `X-API-Key` or `Authorization: Bearer …`.",
                  "required": [
                    "secretKeyRef"
                  ],
                  "properties": {
                    "secretKeyRef": {
                      "type": "object",
                      "description": "Secret key that holds the value.",
                      "required": [
                        "name",
                        "key"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 253,
                          "description": "Name of the Secret in this namespace."
                        },
                        "key": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 253,
                          "pattern": "^[-._a-zA-Z0-9]+$",
                          "description": "Key in the Secret."
                        }
                      }
                    }
                  }
                },
                "hmac": {
                  "type": "object",
                  "description": "The partner names itself in `X-Crossdock-Partner` and signs in `X-Crossdock-Signature`, as `t=<unix seconds>,v1=<hex>`, where v1 is\nHMAC-SHA-256 over `<t>.` and the raw body. Good for five minutes, once.",
                  "required": [
                    "secretKeyRef"
                  ],
                  "properties": {
                    "secretKeyRef": {
                      "type": "object",
                      "description": "Secret key that holds the value.",
                      "required": [
                        "name",
                        "key"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 253,
                          "description": "Name of the Secret in this namespace."
                        },
                        "key": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 253,
                          "pattern": "^[-._a-zA-Z0-9]+$",
                          "description": "Key in the Secret."
                        }
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "Connector": {
    "type": "object",
    "description": "An outside system and how it is reached. Exactly one of http, directory, sftp, amqp and mail.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Connector`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "The way to the system, and the limits to keep to.",
        "x-kubernetes-validations": [
          {
            "rule": "[has(self.http), has(self.directory), has(self.sftp), has(self.amqp), has(self.mail)].filter(x, x).size() == 1",
            "message": "a Connector needs exactly one of http, directory, sftp, amqp, mail"
          }
        ],
        "properties": {
          "http": {
            "type": "object",
            "description": "A system that is called by HTTP.",
            "required": [
              "url"
            ],
            "properties": {
              "url": {
                "type": "string",
                "minLength": 8,
                "maxLength": 1024,
                "pattern": "^https?://[^\\s/?#@]+(/[^\\s?#]*)?$",
                "description": "Base that a destination's path is joined to, e.g. `https://erp.example.com/api`. Without user, password, query and fragment."
              },
              "auth": {
                "type": "object",
                "description": "Credentials that each request carries. Exactly one of apiKey, basic and bearer.",
                "x-kubernetes-validations": [
                  {
                    "rule": "[has(self.apiKey), has(self.basic), has(self.bearer)].filter(x, x).size() == 1",
                    "message": "auth needs exactly one of apiKey, basic, bearer"
                  }
                ],
                "properties": {
                  "apiKey": {
                    "type": "object",
                    "description": "A key in a header.",
                    "required": [
                      "secretKeyRef"
                    ],
                    "properties": {
                      "header": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 64,
                        "pattern": "^[A-Za-z0-9-]+$",
                        "description": "Name of the header. Default: `X-API-Key`."
                      },
                      "secretKeyRef": {
                        "type": "object",
                        "description": "Secret key that holds the value.",
                        "required": [
                          "name",
                          "key"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "description": "Name of the Secret in this namespace."
                          },
                          "key": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "pattern": "^[-._a-zA-Z0-9]+$",
                            "description": "Key in the Secret."
                          }
                        }
                      }
                    }
                  },
                  "basic": {
                    "type": "object",
                    "description": "HTTP Basic.",
                    "required": [
                      "secretRef"
                    ],
                    "properties": {
                      "secretRef": {
                        "type": "object",
                        "description": "Secret with the keys `username` and `password`.",
                        "required": [
                          "name"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "description": "Name of the Secret."
                          }
                        }
                      }
                    }
                  },
                  "bearer": {
                    "type": "object",
                    "description": "A token in `Authorization: Bearer …`.",
                    "required": [
                      "secretKeyRef"
                    ],
                    "properties": {
                      "secretKeyRef": {
                        "type": "object",
                        "description": "Secret key that holds the value.",
                        "required": [
                          "name",
                          "key"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "description": "Name of the Secret in this namespace."
                          },
                          "key": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 253,
                            "pattern": "^[-._a-zA-Z0-9]+$",
                            "description": "Key in the Secret."
                          }
                        }
                      }
                    }
                  }
                }
              },
              "healthPath": {
                "type": "string",
                "maxLength": 512,
                "pattern": "^/[^\\s?#]*$",
                "description": "Path, begins with /, that answers 2xx while the system is well. Default: none, the system counts as well until a delivery fails."
              }
            }
          },
          "directory": {
            "type": "object",
            "description": "Files in directories of the runtime's file system. A file is taken when its size is stable and moved to `archive` when its documents are\nconfirmed. Files are written under a temporary name and then renamed.",
            "x-kubernetes-validations": [
              {
                "rule": "has(self.inbound) || has(self.outbound)",
                "message": "directory needs inbound, outbound, or both"
              },
              {
                "rule": "has(self.inbound) || !(has(self.archive) || has(self.pattern) || has(self.pollInterval))",
                "message": "archive, pattern and pollInterval belong to inbound"
              },
              {
                "rule": "has(self.outbound) || !has(self.fileNameExpression)",
                "message": "fileNameExpression belongs to outbound"
              },
              {
                "rule": "!has(self.inbound) || ((!has(self.outbound) || self.inbound != self.outbound) && (!has(self.archive) || self.inbound != self.archive))",
                "message": "inbound must differ from outbound and archive, else files would come back"
              }
            ],
            "properties": {
              "inbound": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Directory that is polled, an absolute path or one relative to the working directory of the runtime."
              },
              "outbound": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Directory that files are written to."
              },
              "archive": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Directory that taken files are moved to. Default: `.archive` within inbound."
              },
              "pattern": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "description": "File names to take, with `*`, `?` and `{a,b}`. Files that begin with a dot are never taken. Default: `*`."
              },
              "pollInterval": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Time between two looks, e.g. `5s`. Default: `2s`."
              },
              "fileNameExpression": {
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "description": "JSONata over the canonical document that gives the file name. Default: the idempotency key with the extension of the format."
              }
            }
          },
          "sftp": {
            "type": "object",
            "description": "Files in directories of a server that is reached by SSH. A file is taken when two looks found it with the same size and time, and put away\nwhen its documents are confirmed. Files are written under a temporary name that begins with a dot, and then renamed.",
            "required": [
              "host",
              "secretRef",
              "hostKeys"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.inbound) || has(self.outbound)",
                "message": "sftp needs inbound, outbound, or both"
              },
              {
                "rule": "has(self.inbound) || !(has(self.archive) || has(self.pattern) || has(self.pollInterval) || has(self.taken))",
                "message": "archive, pattern, pollInterval and taken belong to inbound"
              },
              {
                "rule": "has(self.outbound) || !has(self.fileNameExpression)",
                "message": "fileNameExpression belongs to outbound"
              },
              {
                "rule": "!has(self.inbound) || ((!has(self.outbound) || self.inbound != self.outbound) && (!has(self.archive) || self.inbound != self.archive))",
                "message": "inbound must differ from outbound and archive, else files would come back"
              },
              {
                "rule": "!has(self.archive) || !has(self.taken) || self.taken == 'Archive'",
                "message": "archive is where files go with taken: Archive"
              }
            ],
            "properties": {
              "host": {
                "type": "string",
                "minLength": 1,
                "maxLength": 253,
                "pattern": "^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$",
                "description": "Name or address of the server."
              },
              "port": {
                "type": "integer",
                "minimum": 1,
                "maximum": 65535,
                "description": "Port. Default: 22."
              },
              "secretRef": {
                "type": "object",
                "description": "Secret with the key `username`, and `ssh-privatekey` (with `passphrase` where it has one), `password`, or both.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "description": "Name of the Secret."
                  }
                }
              },
              "hostKeys": {
                "type": "array",
                "minItems": 1,
                "maxItems": 8,
                "description": "Public keys by which the server is known, as `ssh-keyscan HOST` shows them behind the host. Nothing is said to a server that has none of them. Several while a key is changed.",
                "items": {
                  "type": "string",
                  "minLength": 20,
                  "maxLength": 2048,
                  "pattern": "^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/]+={0,2}( .*)?$",
                  "description": "Kind and key, e.g. `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI…`."
                }
              },
              "inbound": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Directory that is polled, an absolute path or one relative to where the server puts the user."
              },
              "outbound": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Directory that files are written to."
              },
              "taken": {
                "type": "string",
                "enum": [
                  "Archive",
                  "Delete"
                ],
                "description": "What is done with a file that was taken: it is moved to `archive`, or deleted. Default: Archive."
              },
              "archive": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Directory that taken files are moved to. Default: `.archive` within inbound."
              },
              "pattern": {
                "type": "string",
                "minLength": 1,
                "maxLength": 256,
                "description": "File names to take, with `*`, `?` and `{a,b}`. Files that begin with a dot are never taken. Default: `*`."
              },
              "pollInterval": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Time between two looks, e.g. `1m`. Default: `30s`."
              },
              "fileNameExpression": {
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "description": "JSONata over the canonical document that gives the file name. Default: the idempotency key with the extension of the format."
              }
            }
          },
          "amqp": {
            "type": "object",
            "description": "A queue to read or an exchange to write on a RabbitMQ that is not ours.",
            "required": [
              "secretRef"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.queue) || has(self.exchange) || has(self.routingKey)",
                "message": "amqp needs a queue to read, or an exchange or a routingKey to publish with"
              }
            ],
            "properties": {
              "secretRef": {
                "type": "object",
                "description": "Secret with the key `uri` (`amqp://user:password@host:port/vhost` or `amqps://…`).",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "description": "Name of the Secret."
                  }
                }
              },
              "queue": {
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "description": "Queue to read; as a destination without exchange and routingKey, the queue to write. It must exist."
              },
              "exchange": {
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "description": "Exchange to publish to. It must exist. Default: the default exchange, whose routing keys are queue names."
              },
              "routingKey": {
                "type": "string",
                "maxLength": 255,
                "description": "Routing key of what is published, where the destination gives none. Default: the queue."
              }
            }
          },
          "mail": {
            "type": "object",
            "description": "A mail server that takes what is to be sent, by SMTP: for notifications of SLAPolicies.",
            "required": [
              "host",
              "from"
            ],
            "properties": {
              "host": {
                "type": "string",
                "minLength": 1,
                "maxLength": 253,
                "pattern": "^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$",
                "description": "Name or address of the server."
              },
              "port": {
                "type": "integer",
                "minimum": 1,
                "maximum": 65535,
                "description": "Port. Default: 587, with `tls: Implicit` 465."
              },
              "tls": {
                "type": "string",
                "enum": [
                  "StartTLS",
                  "Implicit",
                  "None"
                ],
                "description": "StartTLS: the connection must turn to TLS before anything is said. Implicit: it is TLS from the beginning. None: nothing is encrypted; credentials are not sent then. Default: StartTLS."
              },
              "secretRef": {
                "type": "object",
                "description": "Secret with the keys `username` and `password`, and `ca.crt` where the server has a certificate of its own authority. Default: no login.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "description": "Name of the Secret."
                  }
                }
              },
              "from": {
                "type": "string",
                "minLength": 3,
                "maxLength": 320,
                "pattern": "^([^<>\\r\\n]* <[^\\s@<>]+@[^\\s@<>]+>|[^\\s@<>]+@[^\\s@<>]+)$",
                "description": "Sender, e.g. `Crossdock <crossdock@example.com>`."
              }
            }
          },
          "timeout": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
            "maxLength": 9,
            "description": "Longest time that one attempt may take, e.g. `10s`; 10m at most. Default: `10s`."
          },
          "limits": {
            "type": "object",
            "description": "What the system can bear, for all pods together.",
            "properties": {
              "ratePerSecond": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100000,
                "description": "Deliveries per second. Default: no limit."
              },
              "concurrency": {
                "type": "integer",
                "minimum": 1,
                "maximum": 1000,
                "description": "Deliveries at the same time. Default: 8."
              }
            }
          },
          "links": {
            "type": "array",
            "maxItems": 8,
            "description": "Pages of the system for people: the console leads to them from transactions and documents that carry the key.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One kind of page.",
              "required": [
                "name",
                "keyName",
                "url"
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "description": "What people call it: `ERP`."
                },
                "keyName": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "description": "Business key of the document types (`spec.keys` there) that names the page, e.g. `purchaseOrder`."
                },
                "url": {
                  "type": "string",
                  "maxLength": 512,
                  "pattern": "^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?/[^{}\\s]*[{]value[}][^{}\\s]*$",
                  "description": "Address, http or https, with `{value}` behind the host: the value of the key goes there, encoded. E.g. `https://erp.example.com/orders/{value}`."
                }
              }
            }
          },
          "allowedNamespaces": {
            "type": "object",
            "description": "Namespaces whose resources may name this Connector. Default: this namespace only.",
            "required": [
              "from"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.selector) == (self.from == 'Selector')",
                "message": "allowedNamespaces.selector belongs to from: Selector, and from: Selector needs it"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "enum": [
                  "Same",
                  "All",
                  "Selector"
                ],
                "description": "Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector."
              },
              "selector": {
                "type": "object",
                "description": "Labels that a namespace must have. Only with from: Selector.",
                "properties": {
                  "matchLabels": {
                    "type": "object",
                    "maxProperties": 16,
                    "description": "Labels, all of which must be equal on the namespace.",
                    "additionalProperties": {
                      "type": "string",
                      "maxLength": 63,
                      "description": "Value of the label."
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "DocumentType": {
    "type": "object",
    "description": "A canonical business document in one version: its JSON Schema, its business keys, and the rules it must keep.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `DocumentType`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Form and rules of the document.",
        "required": [
          "name",
          "version",
          "json"
        ],
        "properties": {
          "name": {
            "type": "string",
            "minLength": 1,
            "maxLength": 63,
            "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
            "description": "Name without version, e.g. `ship-notice`. Its documents are events of type `<name>.v<version>`. Immutable.",
            "x-kubernetes-validations": [
              {
                "rule": "self == oldSelf",
                "message": "name is immutable: make another DocumentType"
              }
            ]
          },
          "version": {
            "type": "integer",
            "minimum": 1,
            "maximum": 9999,
            "description": "Version; a change that breaks readers is a new DocumentType with the next version. Immutable.",
            "x-kubernetes-validations": [
              {
                "rule": "self == oldSelf",
                "message": "version is immutable: make another DocumentType with the next version"
              }
            ]
          },
          "json": {
            "type": "object",
            "description": "The canonical form. Exactly one of schema and configMapKeyRef.",
            "x-kubernetes-validations": [
              {
                "rule": "has(self.schema) != has(self.configMapKeyRef)",
                "message": "json needs exactly one of schema, configMapKeyRef"
              }
            ],
            "properties": {
              "schema": {
                "type": "object",
                "x-kubernetes-preserve-unknown-fields": true,
                "description": "JSON Schema (2020-12) of the document. It also fixes the results of mappings, so that a list of one stays a list."
              },
              "configMapKeyRef": {
                "type": "object",
                "description": "ConfigMap key that holds the JSON Schema as JSON.",
                "required": [
                  "name",
                  "key"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "description": "Name of the ConfigMap in this namespace."
                  },
                  "key": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 253,
                    "pattern": "^[-._a-zA-Z0-9]+$",
                    "description": "Key in the ConfigMap."
                  }
                }
              }
            }
          },
          "keys": {
            "type": "array",
            "maxItems": 16,
            "description": "Business keys by which documents are found, joined to processes and traced.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One business key; it may have several values in one document.",
              "required": [
                "name",
                "expression"
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z][A-Za-z0-9]*$",
                  "description": "Name of the key in camelCase, the same in all types that share it, e.g. `purchaseOrder`."
                },
                "expression": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 16384,
                  "description": "JSONata over the document; gives one value or many."
                }
              }
            }
          },
          "revision": {
            "type": "object",
            "description": "Declares that documents with one key are revisions of one another. Then the same key and sequence is a duplicate and is dropped, an older\nsequence is superseded, and the same sequence with another content is parked as a conflict. Default: every document stands for itself.",
            "required": [
              "keyExpression"
            ],
            "properties": {
              "keyExpression": {
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "description": "JSONata that gives what the revisions have in common, e.g. `shipmentNumber`."
              },
              "sequenceExpression": {
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "description": "JSONata that gives the order of revisions: a number, or text that sorts, such as a time. Default: all have one sequence, so a repetition is a duplicate."
              },
              "actionExpression": {
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "description": "JSONata that gives Create, Replace, Amend, Cancel or Reverse. Default: Create."
              }
            }
          },
          "rules": {
            "type": "array",
            "maxItems": 64,
            "description": "Business rules, checked after the schema and before mapping to anything else; a sender that waits gets all violations in the answer.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One rule.",
              "required": [
                "name",
                "when",
                "messageExpression"
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[A-Z][A-Za-z0-9]*$",
                  "description": "Name in CamelCase; the code of its violations, e.g. `OrderIsOpen`."
                },
                "each": {
                  "type": "string",
                  "maxLength": 512,
                  "pattern": "^(/([^~/]|~[01])*)*$",
                  "description": "JSON pointer to a list; the rule is asked for each element (`$document` is the whole). Default: asked once for the document."
                },
                "when": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 16384,
                  "description": "JSONata that is true when the rule is violated."
                },
                "messageExpression": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 16384,
                  "description": "JSONata that gives the message for the sender."
                },
                "field": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 512,
                  "pattern": "^[^\\s]+$",
                  "description": "Field that is to blame: a JSON pointer, or a name within the element. Default: the element or document."
                },
                "severity": {
                  "type": "string",
                  "enum": [
                    "Reject",
                    "Warn"
                  ],
                  "description": "Reject: the document is refused. Warn: it passes with a warning. Default: Reject."
                }
              }
            }
          },
          "sensitive": {
            "type": "array",
            "maxItems": 64,
            "description": "Fields that no view shows, as JSON pointers that go through lists: `/orders/contact` is that of every order. In what was sent to others,\nwhatever its form, the values of these fields are replaced where they stand. Default: none.",
            "x-kubernetes-list-type": "set",
            "items": {
              "type": "string",
              "minLength": 2,
              "maxLength": 512,
              "pattern": "^(/([^~/]|~[01])+)+$",
              "description": "One JSON pointer."
            }
          },
          "retention": {
            "type": "string",
            "maxLength": 16,
            "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
            "description": "How long documents are kept after they came, with their payloads, journal and accounts, e.g. `400d`. Only what has come to its end is forgotten;\nwhat belongs to a business transaction is kept as long as that is open, and as the longest retention of the types of its process;\nwhat came and never got a type, as the longest of any type that has one. Default: for ever."
          },
          "allowedNamespaces": {
            "type": "object",
            "description": "Namespaces whose resources may name this type. Default: this namespace only.",
            "required": [
              "from"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.selector) == (self.from == 'Selector')",
                "message": "allowedNamespaces.selector belongs to from: Selector, and from: Selector needs it"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "enum": [
                  "Same",
                  "All",
                  "Selector"
                ],
                "description": "Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector."
              },
              "selector": {
                "type": "object",
                "description": "Labels that a namespace must have. Only with from: Selector.",
                "properties": {
                  "matchLabels": {
                    "type": "object",
                    "maxProperties": 16,
                    "description": "Labels, all of which must be equal on the namespace.",
                    "additionalProperties": {
                      "type": "string",
                      "maxLength": 63,
                      "description": "Value of the label."
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "ReferenceTable": {
    "type": "object",
    "description": "Rows that mappings and rules look up with `$reference(\"<name>\", key)`. Either they stand still (exactly one of inline, configMap and\nfile says where they are), or the table lives: documents (events) and a system's own list (seed) keep its rows in PostgreSQL.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `ReferenceTable`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Key and rows.",
        "required": [
          "key"
        ],
        "x-kubernetes-validations": [
          {
            "rule": "[has(self.inline), has(self.configMap), has(self.file), has(self.events) || has(self.seed)].filter(x, x).size() == 1",
            "message": "a ReferenceTable needs exactly one of inline, configMap, file, or events and seed of a live table"
          },
          {
            "rule": "!has(self.validity) || !(has(self.events) || has(self.seed))",
            "message": "validity belongs to a table that stands still"
          },
          {
            "rule": "has(self.events) || has(self.seed) || !(has(self.reserveFor) || has(self.staleAfter) || has(self.whenStale) || has(self.serve))",
            "message": "reserveFor, staleAfter, whenStale and serve belong to a live table: one with events or seed"
          },
          {
            "rule": "!has(self.allowedNamespaces) || !(has(self.events) || has(self.seed))",
            "message": "a live table is not shared: its rows are those of its own namespace"
          }
        ],
        "properties": {
          "key": {
            "type": "array",
            "minItems": 1,
            "maxItems": 8,
            "description": "Columns that identify a row, in the order in which `$reference` is given their values. Immutable.",
            "x-kubernetes-list-type": "atomic",
            "x-kubernetes-validations": [
              {
                "rule": "self == oldSelf",
                "message": "key is immutable, because expressions give its values in that order: make another ReferenceTable"
              },
              {
                "rule": "self.all(x, self.exists_one(y, y == x))",
                "message": "a column may be named only once in key"
              }
            ],
            "items": {
              "type": "string",
              "minLength": 1,
              "maxLength": 128,
              "description": "Name of a column."
            }
          },
          "validity": {
            "type": "object",
            "description": "A key may have several rows, each for a time: `$referenceAt(\"<name>\", key, date)` gives that of the date, `$reference` that of today (UTC). Not of a live table.",
            "x-kubernetes-validations": [
              {
                "rule": "has(self.from) || has(self.to)",
                "message": "validity needs from, to, or both"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "description": "Column with the first day (or moment) of a row, as ISO 8601. Default, or where it is empty: since ever."
              },
              "to": {
                "type": "string",
                "minLength": 1,
                "maxLength": 128,
                "description": "Column with the last day (or moment) of a row, as ISO 8601. Default, or where it is empty: for ever."
              }
            }
          },
          "inline": {
            "type": "object",
            "description": "Rows written here.",
            "required": [
              "rows"
            ],
            "properties": {
              "rows": {
                "type": "array",
                "maxItems": 5000,
                "description": "The rows. Each has a value in every key column.",
                "items": {
                  "type": "object",
                  "x-kubernetes-preserve-unknown-fields": true,
                  "description": "One row by column."
                }
              }
            }
          },
          "configMap": {
            "type": "object",
            "description": "Rows from a ConfigMap.",
            "required": [
              "name",
              "key"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 253,
                "description": "Name of the ConfigMap in this namespace."
              },
              "key": {
                "type": "string",
                "minLength": 1,
                "maxLength": 253,
                "pattern": "^[-._a-zA-Z0-9]+$",
                "description": "Key that holds CSV with a header line or a JSON array of objects."
              }
            }
          },
          "file": {
            "type": "object",
            "description": "Rows from a file.",
            "required": [
              "path"
            ],
            "properties": {
              "path": {
                "type": "string",
                "minLength": 1,
                "maxLength": 1024,
                "description": "Path of a file with CSV (with a header line) or a JSON array of objects: relative to the manifest, or absolute where it is mounted."
              }
            }
          },
          "events": {
            "type": "array",
            "minItems": 1,
            "maxItems": 16,
            "description": "Documents that keep the rows. A row is what these expressions make of it, one after another: in the order of this list, within one entry\nin the order of acceptance. So it does not matter in which order documents arrive, or how often; a revision stands in for what it\nreplaces, and a document with the action Cancel counts for nothing.",
            "items": {
              "type": "object",
              "description": "What documents of one type do to rows.",
              "required": [
                "documentTypeRef",
                "keyExpression",
                "expression"
              ],
              "properties": {
                "documentTypeRef": {
                  "type": "object",
                  "description": "Canonical type of the documents, whoever they come from.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the DocumentType."
                    }
                  }
                },
                "each": {
                  "type": "string",
                  "maxLength": 256,
                  "pattern": "^(/([^~/]|~[01])*)+$",
                  "description": "JSON pointer to an array: each of its members is an event of its own, e.g. `/orders`. Default: the document is one event."
                },
                "keyExpression": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 16384,
                  "description": "JSONata over the event (`$document` is the whole document) that gives the key of the row: a value, or a list of values for a key of several columns. Nothing: the event is of no row."
                },
                "expression": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 65536,
                  "description": "JSONata over the event that gives the row. `$row` is the row as it stands (nothing where there is none), `$document` the whole document, `$partner` the Partner that sent it. Key columns are added. Nothing: there is no such row any more."
                },
                "reserve": {
                  "type": "string",
                  "enum": [
                    "OnValidated"
                  ],
                  "description": "OnValidated: the event counts already when the rules of its document passed, while the sender waits, and the rules see no row that another\ndocument changes meanwhile: of two for the last 40 pieces, one is refused. Default: it counts when the document is accepted."
                }
              }
            }
          },
          "seed": {
            "type": "object",
            "description": "Rows that are older than the installation, from a system's own list. Read once, and again on demand (`crossdock tables seed`).",
            "required": [
              "connectorRef"
            ],
            "properties": {
              "connectorRef": {
                "type": "object",
                "description": "Connector with http.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the Connector."
                  }
                }
              },
              "http": {
                "type": "object",
                "description": "The GET request. The answer is a JSON array of objects or NDJSON; further pages are found by its `Link` header with rel=\"next\".",
                "properties": {
                  "path": {
                    "type": "string",
                    "maxLength": 1024,
                    "pattern": "^/[^\\s#]*$",
                    "description": "Path, begins with /, joined to the URL of the Connector. Default: the URL itself."
                  },
                  "rows": {
                    "type": "string",
                    "maxLength": 256,
                    "pattern": "^(/([^~/]|~[01])*)+$",
                    "description": "JSON pointer to the array of rows in the answer, e.g. `/items`. Default: the answer is the array."
                  }
                }
              }
            }
          },
          "reserveFor": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
            "maxLength": 9,
            "description": "How long a reservation holds when its document is not accepted in the end, e.g. because the sender went away. Default: 15m."
          },
          "staleAfter": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
            "maxLength": 9,
            "description": "Age of knowledge from which the table is not asked any more: events wait to be taken into it, or PostgreSQL is away. Default: what is there is used, and without PostgreSQL nothing is."
          },
          "whenStale": {
            "type": "string",
            "enum": [
              "Refuse",
              "AcceptProvisionally"
            ],
            "description": "What becomes of a document whose rules ask the table while it cannot be asked. Refuse: its sender is told to come back (503 with Retry-After),\nfiles wait. AcceptProvisionally: it is accepted with a warning, and the rules are checked before it goes anywhere. Default: Refuse."
          },
          "serve": {
            "type": "object",
            "description": "Partners may ask for rows: `GET /tables/<name>` and `GET /tables/<name>/<key>`, with the credentials that they post documents with.",
            "required": [
              "fields"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.owner) != has(self.everyone)",
                "message": "serve needs exactly one of owner, everyone"
              }
            ],
            "properties": {
              "owner": {
                "type": "object",
                "description": "A partner sees the rows that are its own.",
                "required": [
                  "column"
                ],
                "properties": {
                  "column": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 128,
                    "description": "Column that says whose row it is."
                  },
                  "identifier": {
                    "type": "object",
                    "description": "The column holds an identifier of the Partner. Default: it holds the name of the Partner.",
                    "required": [
                      "scheme"
                    ],
                    "properties": {
                      "scheme": {
                        "type": "string",
                        "enum": [
                          "GLN",
                          "X12",
                          "EDIFACT",
                          "DUNS",
                          "System"
                        ],
                        "description": "Scheme of the identifier."
                      },
                      "qualifier": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 4,
                        "description": "Qualifier of the identifier. Default: any."
                      },
                      "system": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "description": "Scheme System: which system. Default: any."
                      }
                    }
                  }
                }
              },
              "everyone": {
                "type": "object",
                "description": "Every partner sees every row."
              },
              "fields": {
                "type": "array",
                "minItems": 1,
                "maxItems": 64,
                "description": "Columns that are shown, with all that is in them. Nothing else leaves.",
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of a column."
                }
              },
              "ratePerSecond": {
                "type": "integer",
                "minimum": 1,
                "maximum": 10000,
                "description": "Requests a second by one partner, in each pod; more are answered 429. Default: 20."
              }
            }
          },
          "allowedNamespaces": {
            "type": "object",
            "description": "Namespaces whose resources may name this table. Default: this namespace only.",
            "required": [
              "from"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.selector) == (self.from == 'Selector')",
                "message": "allowedNamespaces.selector belongs to from: Selector, and from: Selector needs it"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "enum": [
                  "Same",
                  "All",
                  "Selector"
                ],
                "description": "Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector."
              },
              "selector": {
                "type": "object",
                "description": "Labels that a namespace must have. Only with from: Selector.",
                "properties": {
                  "matchLabels": {
                    "type": "object",
                    "maxProperties": 16,
                    "description": "Labels, all of which must be equal on the namespace.",
                    "additionalProperties": {
                      "type": "string",
                      "maxLength": 63,
                      "description": "Value of the label."
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "Mapping": {
    "type": "object",
    "description": "A JSONata expression that turns one form of a document into another, with its tests.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Mapping`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "From what, to what, how, and the proof.",
        "required": [
          "from",
          "to",
          "expression"
        ],
        "x-kubernetes-validations": [
          {
            "rule": "has(self.from.documentTypeRef) || has(self.to.documentTypeRef)",
            "message": "a Mapping needs a document type on one side at least: partners meet in the canonical form"
          }
        ],
        "properties": {
          "from": {
            "type": "object",
            "description": "What the expression reads. Exactly one of documentTypeRef, x12, edifact, csv, fixed, xml and resolution.",
            "x-kubernetes-validations": [
              {
                "rule": "[has(self.documentTypeRef), has(self.x12), has(self.edifact), has(self.csv), has(self.fixed), has(self.xml), has(self.resolution)].filter(x, x).size() == 1",
                "message": "a side of a Mapping needs exactly one of documentTypeRef, x12, edifact, csv, fixed, xml; what it reads may be a resolution"
              }
            ],
            "properties": {
              "documentTypeRef": {
                "type": "object",
                "description": "A document type.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the DocumentType."
                  }
                }
              },
              "x12": {
                "type": "object",
                "description": "An X12 transaction as the codec reads or writes it.",
                "required": [
                  "transaction"
                ],
                "properties": {
                  "transaction": {
                    "type": "string",
                    "pattern": "^[0-9]{3}$",
                    "maxLength": 3,
                    "description": "Transaction set, three digits, quoted: `856`."
                  },
                  "version": {
                    "type": "string",
                    "pattern": "^00[3-8][0-9]{3}$",
                    "maxLength": 6,
                    "description": "Version, six digits, quoted. Default: any."
                  }
                }
              },
              "edifact": {
                "type": "object",
                "description": "An EDIFACT message as the codec reads or writes it.",
                "required": [
                  "message"
                ],
                "properties": {
                  "message": {
                    "type": "string",
                    "pattern": "^[A-Z]{6}$",
                    "maxLength": 6,
                    "description": "Message type: `DESADV`."
                  },
                  "directory": {
                    "type": "string",
                    "pattern": "^D\\.[0-9]{2}[A-Z]$",
                    "maxLength": 5,
                    "description": "Directory, which decides the numbers of segment groups: `D.96A`. Default: any."
                  }
                }
              },
              "csv": {
                "type": "object",
                "description": "Rows of a CSV file, as the terms of a partner declare them."
              },
              "fixed": {
                "type": "object",
                "description": "Lines of fixed width, as the terms of a partner declare them."
              },
              "xml": {
                "type": "object",
                "description": "An XML document as the codec reads or writes it.",
                "properties": {
                  "root": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 64,
                    "pattern": "^[A-Za-z_][A-Za-z0-9._-]*$",
                    "description": "Name of the root element without prefix: `Invoice`. Default: any."
                  }
                }
              },
              "resolution": {
                "type": "object",
                "description": "What a person decided about an exception, with the documents that the match compared: `resolution`, `by`, `reason`, `at`, `key`, `partners`, `exception`, `line`, `documents.ordered` and so on."
              }
            }
          },
          "to": {
            "type": "object",
            "description": "What the expression makes. Exactly one of documentTypeRef, x12, edifact, csv, fixed and xml. The schema of a document type fixes lists and decimals in the result.",
            "x-kubernetes-validations": [
              {
                "rule": "[has(self.documentTypeRef), has(self.x12), has(self.edifact), has(self.csv), has(self.fixed), has(self.xml)].filter(x, x).size() == 1",
                "message": "a side of a Mapping needs exactly one of documentTypeRef, x12, edifact, csv, fixed, xml"
              }
            ],
            "properties": {
              "documentTypeRef": {
                "type": "object",
                "description": "A document type.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the DocumentType."
                  }
                }
              },
              "x12": {
                "type": "object",
                "description": "An X12 transaction as the codec reads or writes it.",
                "required": [
                  "transaction"
                ],
                "properties": {
                  "transaction": {
                    "type": "string",
                    "pattern": "^[0-9]{3}$",
                    "maxLength": 3,
                    "description": "Transaction set, three digits, quoted: `856`."
                  },
                  "version": {
                    "type": "string",
                    "pattern": "^00[3-8][0-9]{3}$",
                    "maxLength": 6,
                    "description": "Version, six digits, quoted. Default: any."
                  }
                }
              },
              "edifact": {
                "type": "object",
                "description": "An EDIFACT message as the codec reads or writes it.",
                "required": [
                  "message"
                ],
                "properties": {
                  "message": {
                    "type": "string",
                    "pattern": "^[A-Z]{6}$",
                    "maxLength": 6,
                    "description": "Message type: `DESADV`."
                  },
                  "directory": {
                    "type": "string",
                    "pattern": "^D\\.[0-9]{2}[A-Z]$",
                    "maxLength": 5,
                    "description": "Directory, which decides the numbers of segment groups: `D.96A`. Default: any."
                  }
                }
              },
              "csv": {
                "type": "object",
                "description": "Rows of a CSV file, as the terms of a partner declare them."
              },
              "fixed": {
                "type": "object",
                "description": "Lines of fixed width, as the terms of a partner declare them."
              },
              "xml": {
                "type": "object",
                "description": "An XML document as the codec reads or writes it.",
                "properties": {
                  "root": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 64,
                    "pattern": "^[A-Za-z_][A-Za-z0-9._-]*$",
                    "description": "Name of the root element without prefix: `Invoice`. Default: any."
                  }
                }
              }
            }
          },
          "expression": {
            "type": "string",
            "minLength": 1,
            "maxLength": 131072,
            "description": "JSONata over the input. Besides its own functions: `$reference(table, key)`, `$decimal(text)` and `$partner`."
          },
          "tests": {
            "type": "array",
            "maxItems": 64,
            "description": "Cases that are run before a plan with this mapping takes effect; a failure keeps the last good plan.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One case. Exactly one of expect and expectError.",
              "required": [
                "name",
                "input"
              ],
              "oneOf": [
                {
                  "required": [
                    "expect"
                  ]
                },
                {
                  "required": [
                    "expectError"
                  ]
                }
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "What the case shows."
                },
                "input": {
                  "x-kubernetes-preserve-unknown-fields": true,
                  "description": "What the expression reads: the document, or an X12 transaction or EDIFACT message as the codec reads it."
                },
                "partner": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "description": "Name of the Partner that `$partner` stands for. Default: none."
                },
                "expect": {
                  "x-kubernetes-preserve-unknown-fields": true,
                  "description": "What the result must have; `match` says whether it may have more."
                },
                "match": {
                  "type": "string",
                  "enum": [
                    "Partial",
                    "Exact"
                  ],
                  "description": "`Partial`: the result may have fields that `expect` does not name, while lists must match in length. `Exact`: it is equal. Default: Partial."
                },
                "expectError": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "pattern": "^[A-Za-z0-9._-]+$",
                  "description": "Class or code of the error that it must end in, e.g. `ReferenceDataMissing`."
                }
              }
            }
          },
          "allowedNamespaces": {
            "type": "object",
            "description": "Namespaces whose resources may name this Mapping. Default: this namespace only.",
            "required": [
              "from"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "has(self.selector) == (self.from == 'Selector')",
                "message": "allowedNamespaces.selector belongs to from: Selector, and from: Selector needs it"
              }
            ],
            "properties": {
              "from": {
                "type": "string",
                "enum": [
                  "Same",
                  "All",
                  "Selector"
                ],
                "description": "Same: this namespace only. All: every namespace. Selector: namespaces whose labels match the selector."
              },
              "selector": {
                "type": "object",
                "description": "Labels that a namespace must have. Only with from: Selector.",
                "properties": {
                  "matchLabels": {
                    "type": "object",
                    "maxProperties": 16,
                    "description": "Labels, all of which must be equal on the namespace.",
                    "additionalProperties": {
                      "type": "string",
                      "maxLength": 63,
                      "description": "Value of the label."
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "Integration": {
    "type": "object",
    "description": "A flow: where documents come from, and the destinations that each of them goes to.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Integration`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Source, destinations, and how deliveries are retried.",
        "required": [
          "source",
          "destinations"
        ],
        "properties": {
          "source": {
            "type": "object",
            "description": "Where documents come from. Exactly one of partners, http, connector, events and resolutions.",
            "x-kubernetes-validations": [
              {
                "rule": "[has(self.partners), has(self.http), has(self.connector), has(self.events), has(self.resolutions)].filter(x, x).size() == 1",
                "message": "source needs exactly one of partners, http, connector, events, resolutions"
              },
              {
                "rule": "(has(self.http) || has(self.connector) || has(self.resolutions)) == has(self.documentTypeRef)",
                "message": "documentTypeRef belongs to a source by http, connector or resolutions, which needs it; partners and events list documentTypeRefs"
              },
              {
                "rule": "has(self.http) || has(self.connector) || has(self.resolutions) || !has(self.mappingRef)",
                "message": "mappingRef belongs to a source by http, connector or resolutions: what partners and events give is canonical already"
              },
              {
                "rule": "!has(self.resolutions) || has(self.mappingRef)",
                "message": "a resolution is no document yet: mappingRef says how one is made of it"
              }
            ],
            "properties": {
              "partners": {
                "type": "object",
                "description": "Canonical documents that partners send, whatever their channel and format.",
                "required": [
                  "documentTypeRefs"
                ],
                "properties": {
                  "documentTypeRefs": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 32,
                    "description": "Document types to take.",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": [
                      "name"
                    ],
                    "items": {
                      "type": "object",
                      "description": "One document type.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    }
                  }
                }
              },
              "http": {
                "type": "object",
                "description": "An endpoint of our own that one of our systems posts to.",
                "required": [
                  "path"
                ],
                "x-kubernetes-validations": [
                  {
                    "rule": "!self.path.matches('^/(documents|healthz|metrics|readyz|state|tables)(/|$)')",
                    "message": "/documents, /healthz, /metrics, /readyz, /state and /tables are taken: choose another path"
                  }
                ],
                "properties": {
                  "path": {
                    "type": "string",
                    "maxLength": 512,
                    "pattern": "^/[A-Za-z0-9._~/-]*$",
                    "description": "Path of the endpoint, begins with /, e.g. `/orders`. Not /documents, /healthz, /metrics, /readyz, /state or /tables, nor below."
                  },
                  "auth": {
                    "type": "object",
                    "description": "How a request proves who sends it. Exactly one of apiKey and hmac. Default: anybody who reaches the endpoint may post.",
                    "x-kubernetes-validations": [
                      {
                        "rule": "has(self.apiKey) != has(self.hmac)",
                        "message": "auth needs exactly one of apiKey, hmac"
                      }
                    ],
                    "properties": {
                      "apiKey": {
                        "type": "object",
                        "description": "A key in a header.",
                        "required": [
                          "secretKeyRef"
                        ],
                        "properties": {
                          "header": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z0-9-]+$",
                            "description": "Name of the header. Default: `X-API-Key`."
                          },
                          "secretKeyRef": {
                            "type": "object",
                            "description": "Secret key that holds the value.",
                            "required": [
                              "name",
                              "key"
                            ],
                            "properties": {
                              "name": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 253,
                                "description": "Name of the Secret in this namespace."
                              },
                              "key": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 253,
                                "pattern": "^[-._a-zA-Z0-9]+$",
                                "description": "Key in the Secret."
                              }
                            }
                          }
                        }
                      },
                      "hmac": {
                        "type": "object",
                        "description": "A signature `t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA-256 over `<t>.` and the raw body. Good for five minutes, once.",
                        "required": [
                          "secretKeyRef"
                        ],
                        "properties": {
                          "header": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 64,
                            "pattern": "^[A-Za-z0-9-]+$",
                            "description": "Name of the header with the signature. Default: `X-Crossdock-Signature`."
                          },
                          "secretKeyRef": {
                            "type": "object",
                            "description": "Secret key that holds the value.",
                            "required": [
                              "name",
                              "key"
                            ],
                            "properties": {
                              "name": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 253,
                                "description": "Name of the Secret in this namespace."
                              },
                              "key": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 253,
                                "pattern": "^[-._a-zA-Z0-9]+$",
                                "description": "Key in the Secret."
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                }
              },
              "connector": {
                "type": "object",
                "description": "A connector that is polled (directory, sftp) or subscribed to (amqp).",
                "required": [
                  "connectorRef"
                ],
                "properties": {
                  "connectorRef": {
                    "type": "object",
                    "description": "Connector with an inbound directory or a queue.",
                    "required": [
                      "name"
                    ],
                    "properties": {
                      "name": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "description": "Name of the Connector."
                      }
                    }
                  }
                }
              },
              "events": {
                "type": "object",
                "description": "Documents that our own systems published, through the http or connector source or the reply of other Integrations.",
                "required": [
                  "documentTypeRefs"
                ],
                "properties": {
                  "documentTypeRefs": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 32,
                    "description": "Document types to take.",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": [
                      "name"
                    ],
                    "items": {
                      "type": "object",
                      "description": "One document type.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    }
                  }
                }
              },
              "resolutions": {
                "type": "object",
                "description": "What people decide about exceptions of a BusinessProcess: each resolution there that names this Integration comes in as one document. The same decision about the same figures is the same document, so it takes effect once.",
                "required": [
                  "businessProcessRef"
                ],
                "properties": {
                  "businessProcessRef": {
                    "type": "object",
                    "description": "The process.",
                    "required": [
                      "name"
                    ],
                    "properties": {
                      "name": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 63,
                        "description": "Name of the BusinessProcess."
                      }
                    }
                  }
                }
              },
              "documentTypeRef": {
                "type": "object",
                "description": "With http, connector or resolutions: canonical type of what comes in, after mapping.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the DocumentType."
                  }
                }
              },
              "mappingRef": {
                "type": "object",
                "description": "With http, connector or resolutions: mapping from what comes in to the canonical type. Default: none, it comes canonical; resolutions need one.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the Mapping."
                  }
                }
              }
            }
          },
          "destinations": {
            "type": "array",
            "minItems": 1,
            "maxItems": 32,
            "description": "Where each document goes; each destination has a queue, retries and an account of its own.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One destination. Exactly one of system and partner.",
              "required": [
                "name"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "has(self.system) != has(self.partner)",
                  "message": "a destination needs exactly one of system, partner"
                },
                {
                  "rule": "has(self.system) || !has(self.mappingRef)",
                  "message": "mappingRef belongs to a system: what goes to a partner is mapped by the terms of the partner"
                },
                {
                  "rule": "has(self.system) || !has(self.outcomes)",
                  "message": "outcomes belong to a system: a partner answers with documents of its own"
                },
                {
                  "rule": "has(self.system) || !has(self.reply)",
                  "message": "reply belongs to a system: a partner answers with documents of its own"
                }
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  "description": "Name within the integration, a DNS label; part of the queue's name, so a new name is a new destination."
                },
                "when": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 16384,
                  "description": "JSONata over the canonical document; the document goes here when it is true. Default: always."
                },
                "mappingRef": {
                  "type": "object",
                  "description": "Mapping from the canonical document to what the system takes. Default: the canonical document itself.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the Mapping."
                    }
                  }
                },
                "system": {
                  "type": "object",
                  "description": "One of our systems.",
                  "required": [
                    "connectorRef"
                  ],
                  "x-kubernetes-validations": [
                    {
                      "rule": "[has(self.http), has(self.directory), has(self.sftp), has(self.amqp)].filter(x, x).size() <= 1",
                      "message": "a system takes at most one of http, directory, sftp, amqp, as its Connector is"
                    }
                  ],
                  "properties": {
                    "connectorRef": {
                      "type": "object",
                      "description": "Connector of the system.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the Connector."
                        }
                      }
                    },
                    "http": {
                      "type": "object",
                      "description": "The request, for a Connector with http.",
                      "x-kubernetes-validations": [
                        {
                          "rule": "!has(self.path) || !has(self.pathExpression)",
                          "message": "set at most one of path, pathExpression"
                        }
                      ],
                      "properties": {
                        "method": {
                          "type": "string",
                          "enum": [
                            "POST",
                            "PUT",
                            "PATCH"
                          ],
                          "description": "HTTP method. Default: POST."
                        },
                        "path": {
                          "type": "string",
                          "maxLength": 1024,
                          "pattern": "^/[^\\s#]*$",
                          "description": "Path, begins with /, joined to the URL of the Connector. Default: the URL itself."
                        },
                        "pathExpression": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 16384,
                          "description": "JSONata over the canonical document that gives the path, beginning with /."
                        }
                      }
                    },
                    "directory": {
                      "type": "object",
                      "description": "The file, for a Connector with directory.",
                      "properties": {
                        "fileNameExpression": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 16384,
                          "description": "JSONata over the canonical document that gives the file name. Default: that of the Connector."
                        }
                      }
                    },
                    "sftp": {
                      "type": "object",
                      "description": "The file, for a Connector with sftp.",
                      "properties": {
                        "fileNameExpression": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 16384,
                          "description": "JSONata over the canonical document that gives the file name. Default: that of the Connector."
                        }
                      }
                    },
                    "amqp": {
                      "type": "object",
                      "description": "The message, for a Connector with amqp.",
                      "x-kubernetes-validations": [
                        {
                          "rule": "!has(self.routingKey) || !has(self.routingKeyExpression)",
                          "message": "set at most one of routingKey, routingKeyExpression"
                        }
                      ],
                      "properties": {
                        "routingKey": {
                          "type": "string",
                          "maxLength": 255,
                          "description": "Routing key. Default: that of the Connector."
                        },
                        "routingKeyExpression": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 16384,
                          "description": "JSONata over the canonical document that gives the routing key."
                        }
                      }
                    }
                  }
                },
                "partner": {
                  "type": "object",
                  "description": "The partner whose identifier the expression gives; its terms decide format, mapping and channel.",
                  "required": [
                    "identifier",
                    "expression"
                  ],
                  "properties": {
                    "identifier": {
                      "type": "object",
                      "description": "Which kind of identifier the expression gives.",
                      "required": [
                        "scheme"
                      ],
                      "x-kubernetes-validations": [
                        {
                          "rule": "(self.scheme == 'System') == has(self.system)",
                          "message": "system belongs to scheme System, and scheme System needs it"
                        },
                        {
                          "rule": "self.scheme != 'X12' || (has(self.qualifier) && self.qualifier.size() == 2)",
                          "message": "scheme X12 needs the ISA qualifier of two characters, e.g. ZZ"
                        },
                        {
                          "rule": "self.scheme in ['X12', 'EDIFACT'] || !has(self.qualifier)",
                          "message": "qualifier belongs to the schemes X12 and EDIFACT"
                        }
                      ],
                      "properties": {
                        "scheme": {
                          "type": "string",
                          "enum": [
                            "GLN",
                            "X12",
                            "EDIFACT",
                            "DUNS",
                            "System"
                          ],
                          "description": "Numbering scheme. GLN: GS1 location number. X12: interchange id with qualifier. EDIFACT: UNB party id. DUNS: D&B number. System: a number in one of our own systems."
                        },
                        "qualifier": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 4,
                          "pattern": "^[A-Z0-9]+$",
                          "description": "X12: the ISA qualifier of two characters, e.g. `ZZ`, required. EDIFACT: code of the numbering agency, optional."
                        },
                        "system": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                          "description": "Scheme System only: name of our own system whose number this is, e.g. `erp`."
                        }
                      }
                    },
                    "expression": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 16384,
                      "description": "JSONata over the canonical document that gives the value of the identifier, e.g. `supplierCode`."
                    }
                  }
                },
                "outcomes": {
                  "type": "array",
                  "maxItems": 32,
                  "description": "What an answer means; the first whose `when` is true counts. Default, by status: 2xx Delivered; 408, 425, 429 and 5xx Retry;\nothers DeadLetter.",
                  "items": {
                    "type": "object",
                    "description": "One meaning.",
                    "required": [
                      "when",
                      "result"
                    ],
                    "x-kubernetes-validations": [
                      {
                        "rule": "!has(self.after) || self.result == 'Retry'",
                        "message": "after belongs to result: Retry"
                      },
                      {
                        "rule": "!has(self.owner) || self.result in ['Park', 'DeadLetter']",
                        "message": "owner belongs to result: Park or DeadLetter"
                      },
                      {
                        "rule": "!has(self.releaseWhen) || self.result == 'Park'",
                        "message": "releaseWhen belongs to result: Park"
                      }
                    ],
                    "properties": {
                      "when": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 16384,
                        "description": "JSONata over `status`, `headers` and `body` of the answer."
                      },
                      "result": {
                        "type": "string",
                        "enum": [
                          "Delivered",
                          "Retry",
                          "Park",
                          "DeadLetter"
                        ],
                        "description": "Delivered: done. Retry: try again later. Park: keep it for a person. DeadLetter: give up."
                      },
                      "after": {
                        "type": "string",
                        "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                        "maxLength": 9,
                        "description": "Result Retry only: time until the next attempt, rounded up to a step of the retry ladder, e.g. `24h`. Default: as delivery says."
                      },
                      "owner": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": 128,
                        "description": "Result Park or DeadLetter only: who is to look at it, e.g. `master-data`. Default: nobody in particular."
                      },
                      "releaseWhen": {
                        "type": "object",
                        "description": "Result Park only: it goes on by itself when a ReferenceTable has a row. Default: a person replays it.",
                        "required": [
                          "tableRef",
                          "keyExpression"
                        ],
                        "properties": {
                          "tableRef": {
                            "type": "object",
                            "description": "The ReferenceTable.",
                            "required": [
                              "name"
                            ],
                            "properties": {
                              "name": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 63,
                                "description": "Name of the ReferenceTable."
                              }
                            }
                          },
                          "keyExpression": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 16384,
                            "description": "JSONata over `status`, `headers` and `body` of the answer that gives the key of the row: a value, or a list of values for a key of several columns."
                          }
                        }
                      }
                    }
                  }
                },
                "reply": {
                  "type": "object",
                  "description": "The body of the system's answer comes back as a document of our own, an event.",
                  "required": [
                    "documentTypeRef"
                  ],
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Canonical type of the answer, after mapping.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "mappingRef": {
                      "type": "object",
                      "description": "Mapping that reads `{request, answer: {status, body}}`, where request is the document that was delivered, and gives the canonical type. Default: none, the body of the answer is canonical.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the Mapping."
                        }
                      }
                    }
                  }
                }
              }
            }
          },
          "delivery": {
            "type": "object",
            "description": "How deliveries are attempted again, for every destination.",
            "properties": {
              "retry": {
                "type": "integer",
                "minimum": 0,
                "maximum": 1000,
                "description": "Attempts after the first. Default: 8."
              },
              "backoffPolicy": {
                "type": "string",
                "enum": [
                  "Linear",
                  "Exponential"
                ],
                "description": "Exponential: each delay is twice the one before. Linear: it grows by backoffDelay. Default: Exponential."
              },
              "backoffDelay": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Delay before the first repetition, e.g. `1s`; rounded up to a step of the retry ladder (1s 5s 30s 2m 10m 1h 6h 24h), except with `ordering`. Default: `1s`."
              },
              "backoffMax": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Longest delay between attempts, e.g. `5m`. Default: `5m`."
              },
              "timeout": {
                "type": "string",
                "pattern": "^[1-9][0-9]{0,6}(ms|s|m|h|d)$",
                "maxLength": 9,
                "description": "Longest time of one attempt; the shorter of this and the timeout of the Connector counts; 10m at most. Default: `15s`."
              }
            }
          },
          "ordering": {
            "type": "object",
            "description": "Documents with the same key take effect at each destination one after another, in the order in which they were accepted; those of\ndifferent keys are delivered side by side. One that fails keeps the later ones of its key waiting until it is delivered or given up.\nDefault: no order.",
            "required": [
              "keyExpression"
            ],
            "properties": {
              "keyExpression": {
                "type": "string",
                "minLength": 1,
                "maxLength": 16384,
                "description": "JSONata over the canonical document that gives its key, e.g. `shipmentNumber`. Of the document alone: it may ask no ReferenceTable. A document without a key goes to the dead letters."
              }
            }
          },
          "state": {
            "type": "string",
            "enum": [
              "Running",
              "Paused",
              "Stopped"
            ],
            "description": "Running: receives and delivers. Paused: receives and keeps, delivers nothing. Stopped: neither receives nor delivers; what it holds stays.\nFor a stop by hand make a Hold, which a GitOps tool does not undo. Default: Running."
          },
          "deletionPolicy": {
            "type": "string",
            "enum": [
              "Retain",
              "Delete"
            ],
            "description": "What becomes of its queues when the Integration is deleted. Retain: they stay until empty. Delete: they go with what they hold.\nDefault: Retain."
          },
          "brokerRef": {
            "type": "object",
            "description": "Broker that carries the documents. Default: the Broker named `default`.",
            "required": [
              "name"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of the Broker."
              },
              "namespace": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Namespace of the Broker, whose allowedNamespaces must admit this one. Default: this namespace."
              }
            }
          },
          "runtimePoolRef": {
            "type": "object",
            "description": "RuntimePool of this namespace whose pods route and deliver its documents, and read its connector. Default: the default pool.",
            "required": [
              "name"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 40,
                "description": "Name of the RuntimePool."
              }
            }
          }
        }
      }
    }
  },
  "BusinessProcess": {
    "type": "object",
    "description": "What must become of a business transaction, such as a purchase order: which documents belong to it, which milestones they reach, and what must agree between them. Exceptions close by themselves when their cause goes.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `BusinessProcess`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Key, documents, milestones and matches.",
        "required": [
          "keyName",
          "documents",
          "milestones"
        ],
        "x-kubernetes-validations": [
          {
            "rule": "self.documents.filter(x, has(x.role) && x.role == \"Order\").size() <= 1",
            "message": "one document type states what is ordered: role Order may be given once"
          },
          {
            "rule": "!self.milestones.exists(x, has(x.scope) && x.scope == \"Line\") || self.documents.exists(x, has(x.role) && x.role == \"Order\")",
            "message": "milestones by line need a document type of role Order, whose lines they count"
          },
          {
            "rule": "!has(self.matches) || self.documents.exists(x, has(x.role) && x.role == \"Order\")",
            "message": "matches need a document type of role Order"
          }
        ],
        "properties": {
          "keyName": {
            "type": "string",
            "minLength": 1,
            "maxLength": 63,
            "description": "Business key of the document types (`spec.keys` there) that names the transaction, e.g. `purchaseOrder`. One transaction for each of its values; a document may belong to several."
          },
          "documents": {
            "type": "array",
            "minItems": 1,
            "maxItems": 16,
            "description": "The document types that belong to a transaction and how their lines are read. Fields are names, looked up in the line, then in what holds the line, outward to the whole document.",
            "x-kubernetes-list-type": "atomic",
            "x-kubernetes-validations": [
              {
                "rule": "self.all(x, self.exists_one(y, y.documentTypeRef.name == x.documentTypeRef.name))",
                "message": "a document type may be given only once"
              }
            ],
            "items": {
              "type": "object",
              "description": "One document type.",
              "required": [
                "documentTypeRef"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "has(self.lines) == has(self.key) && has(self.lines) == has(self.quantity)",
                  "message": "lines, key and quantity belong together: where the lines are, what identifies one, and how much it says"
                },
                {
                  "rule": "has(self.lines) || !(has(self.damaged) || has(self.unit) || has(self.item) || has(self.price) || has(self.currency) || has(self.date) || has(self.shipTo))",
                  "message": "damaged, unit, item, price, currency, date and shipTo are read from lines: say where the lines are"
                },
                {
                  "rule": "!has(self.role) || self.role == \"Fact\" || has(self.lines)",
                  "message": "roles Order, Change, Confirmation and Return speak of lines: say where the lines are"
                },
                {
                  "rule": "(has(self.role) && self.role == \"Return\") == has(self.against)",
                  "message": "against belongs to role Return, and role Return needs it"
                }
              ],
              "properties": {
                "documentTypeRef": {
                  "type": "object",
                  "description": "The document type.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the DocumentType."
                    }
                  }
                },
                "role": {
                  "type": "string",
                  "enum": [
                    "Order",
                    "Change",
                    "Confirmation",
                    "Fact",
                    "Return"
                  ],
                  "description": "Order: states what is wanted, by line. Change: says lines of it anew, later sequences over earlier ones; a quantity of 0 takes the line out. Confirmation: says by line what is promised; of several that name a line the last one counts. Fact: adds up. Return: takes off what the document type of `against` added. Default: Fact."
                },
                "against": {
                  "type": "object",
                  "description": "Where returned quantities are taken off. Only with role Return.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the DocumentType."
                    }
                  }
                },
                "lines": {
                  "type": "string",
                  "maxLength": 256,
                  "pattern": "^(/([^~]|~[01])*)*$",
                  "description": "JSON pointer to the lines; lists on the way are gone through: `/orders/lines` are all lines of all orders."
                },
                "key": {
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 5,
                  "description": "Names of what identifies a line: first that of the transaction, then its own, e.g. `[orderNumber, orderLine]`. A line without its own is found by its item.",
                  "x-kubernetes-list-type": "atomic",
                  "items": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 128,
                    "description": "Name of a field."
                  }
                },
                "quantity": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the quantity; of what is good, where `damaged` is given."
                },
                "damaged": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the quantity that arrived and is of no use."
                },
                "unit": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the unit."
                },
                "item": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the item number."
                },
                "price": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the price of one unit."
                },
                "currency": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the currency of prices."
                },
                "date": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of a date or time, for matches with a tolerance of dates; of an Order the day on which it is to arrive."
                },
                "shipTo": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name of the place that an Order is to arrive at, such as a warehouse."
                }
              }
            }
          },
          "milestones": {
            "type": "array",
            "minItems": 1,
            "maxItems": 32,
            "description": "What a transaction reaches. It is complete when all are reached.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One milestone.",
              "required": [
                "name"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "[has(self.documentTypeRef), has(self.delivered), has(self.match)].filter(x, x).size() == 1",
                  "message": "a milestone needs exactly one of documentTypeRef, delivered, match"
                },
                {
                  "rule": "!has(self.completeBy) || self.completeBy != \"Quantity\" || (has(self.scope) && self.scope == \"Line\")",
                  "message": "completeBy: Quantity needs scope: Line, because quantities are counted by line"
                },
                {
                  "rule": "!has(self.match) || !(has(self.scope) || has(self.completeBy))",
                  "message": "a match is of all lines: scope and completeBy do not belong to it"
                }
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[A-Z][A-Za-z0-9]*$",
                  "description": "Name, a participle in CamelCase: `Shipped`."
                },
                "documentTypeRef": {
                  "type": "object",
                  "description": "Reached by accepted documents of this type.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the DocumentType."
                    }
                  }
                },
                "delivered": {
                  "type": "object",
                  "description": "Reached when every document that an integration has for a destination is delivered there, at least one.",
                  "required": [
                    "integrationRef",
                    "destination"
                  ],
                  "properties": {
                    "integrationRef": {
                      "type": "object",
                      "description": "The integration.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the Integration."
                        }
                      }
                    },
                    "destination": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of its destination."
                    }
                  }
                },
                "match": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "description": "Reached when all lines agree. Name of a match of this process."
                },
                "scope": {
                  "type": "string",
                  "enum": [
                    "Order",
                    "Line"
                  ],
                  "description": "Order: the first document reaches it. Line: every line that is ordered must be there. Default: Order."
                },
                "completeBy": {
                  "type": "string",
                  "enum": [
                    "Document",
                    "Quantity"
                  ],
                  "description": "When a line is there. Document: one document names it. Quantity: documents add up to what is ordered, damage counted, returns taken off. Default: Document."
                },
                "after": {
                  "type": "array",
                  "maxItems": 8,
                  "description": "Milestones without which this one is not reached.",
                  "x-kubernetes-list-type": "set",
                  "items": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of a milestone."
                  }
                }
              }
            }
          },
          "matches": {
            "type": "array",
            "maxItems": 8,
            "description": "What must agree between documents, line by line.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One match.",
              "required": [
                "name",
                "compare"
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
                  "description": "Name, e.g. `three-way`."
                },
                "compare": {
                  "type": "object",
                  "description": "The sides. Shipped and received may not exceed what is ordered; received must be what was shipped; invoiced must be what was received (or shipped, or ordered, where that side is not given), at the ordered price and currency.",
                  "required": [
                    "ordered"
                  ],
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.shipped) || has(self.received) || has(self.invoiced)",
                      "message": "a match compares what is ordered with something: add shipped, received or invoiced"
                    }
                  ],
                  "properties": {
                    "ordered": {
                      "type": "object",
                      "description": "What was ordered. Its document type has role Order.",
                      "required": [
                        "documentTypeRef"
                      ],
                      "properties": {
                        "documentTypeRef": {
                          "type": "object",
                          "description": "A document type of `documents`.",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "type": "string",
                              "minLength": 1,
                              "maxLength": 63,
                              "description": "Name of the DocumentType."
                            }
                          }
                        }
                      }
                    },
                    "shipped": {
                      "type": "object",
                      "description": "What was said to be shipped.",
                      "required": [
                        "documentTypeRef"
                      ],
                      "properties": {
                        "documentTypeRef": {
                          "type": "object",
                          "description": "A document type of `documents`.",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "type": "string",
                              "minLength": 1,
                              "maxLength": 63,
                              "description": "Name of the DocumentType."
                            }
                          }
                        }
                      }
                    },
                    "received": {
                      "type": "object",
                      "description": "What arrived. What is damaged is an exception of its own.",
                      "required": [
                        "documentTypeRef"
                      ],
                      "properties": {
                        "documentTypeRef": {
                          "type": "object",
                          "description": "A document type of `documents`.",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "type": "string",
                              "minLength": 1,
                              "maxLength": 63,
                              "description": "Name of the DocumentType."
                            }
                          }
                        }
                      }
                    },
                    "invoiced": {
                      "type": "object",
                      "description": "What is to be paid.",
                      "required": [
                        "documentTypeRef"
                      ],
                      "properties": {
                        "documentTypeRef": {
                          "type": "object",
                          "description": "A document type of `documents`.",
                          "required": [
                            "name"
                          ],
                          "properties": {
                            "name": {
                              "type": "string",
                              "minLength": 1,
                              "maxLength": 63,
                              "description": "Name of the DocumentType."
                            }
                          }
                        }
                      }
                    }
                  }
                },
                "per": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Name by which shipped and received are paired beside the line, e.g. `shipmentNumber`. Pairs of which one side is missing are not judged."
                },
                "tolerance": {
                  "type": "object",
                  "description": "What is tolerated. Default: nothing more than expected, and less is not judged.",
                  "properties": {
                    "quantity": {
                      "type": "object",
                      "description": "Of quantities.",
                      "properties": {
                        "over": {
                          "type": "string",
                          "maxLength": 32,
                          "pattern": "^([0-9]{1,12}([.][0-9]{1,6})?|[0-9]{1,3}([.][0-9]{1,6})?%)$",
                          "description": "How much more is tolerated, as a decimal (`2`) or in percent of what is expected (`5%`). Default: nothing."
                        },
                        "under": {
                          "type": "string",
                          "maxLength": 32,
                          "pattern": "^([0-9]{1,12}([.][0-9]{1,6})?|[0-9]{1,3}([.][0-9]{1,6})?%)$",
                          "description": "How much less is tolerated, in the same way; `0%` for nothing. Default: less is not judged."
                        }
                      }
                    },
                    "price": {
                      "type": "object",
                      "description": "Of the price of one unit.",
                      "properties": {
                        "over": {
                          "type": "string",
                          "maxLength": 32,
                          "pattern": "^([0-9]{1,12}([.][0-9]{1,6})?|[0-9]{1,3}([.][0-9]{1,6})?%)$",
                          "description": "How much more is tolerated, as a decimal (`0.05`) or in percent of what is expected (`1%`). Default: nothing."
                        },
                        "under": {
                          "type": "string",
                          "maxLength": 32,
                          "pattern": "^([0-9]{1,12}([.][0-9]{1,6})?|[0-9]{1,3}([.][0-9]{1,6})?%)$",
                          "description": "How much less is tolerated, in the same way; `0%` for nothing. Default: less is not judged."
                        }
                      }
                    },
                    "date": {
                      "type": "object",
                      "description": "Of dates. Default: dates are not judged.",
                      "properties": {
                        "over": {
                          "type": "string",
                          "maxLength": 16,
                          "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
                          "description": "How much later is tolerated, e.g. `2d`. Default: later is not judged."
                        },
                        "under": {
                          "type": "string",
                          "maxLength": 16,
                          "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
                          "description": "How much earlier is tolerated. Default: earlier is not judged."
                        }
                      }
                    }
                  }
                },
                "exception": {
                  "type": "object",
                  "description": "What is made of a disagreement.",
                  "x-kubernetes-validations": [
                    {
                      "rule": "has(self.due) || !has(self.calendar)",
                      "message": "a calendar counts what is due: add due"
                    }
                  ],
                  "properties": {
                    "severity": {
                      "type": "string",
                      "enum": [
                        "Info",
                        "Warning",
                        "Critical"
                      ],
                      "description": "How bad it is. Default: Warning."
                    },
                    "owner": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Who mends it, e.g. `procurement`."
                    },
                    "due": {
                      "type": "string",
                      "maxLength": 16,
                      "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
                      "description": "Within what time of its opening, e.g. `8h`. Default: it is never overdue."
                    },
                    "calendar": {
                      "type": "string",
                      "enum": [
                        "Partner",
                        "Organization"
                      ],
                      "description": "Whose working hours `due` is counted in. Partner: those of the transaction's partner, of one without a calendar ours. Where there is none, and by default, every hour counts."
                    },
                    "resolutions": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "description": "What a person may decide about it; console and CLI offer these. Default: `Accept` (Settled) and `Dispute` (Disputed), of which nobody is told.",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": [
                        "name"
                      ],
                      "items": {
                        "type": "object",
                        "description": "One decision.",
                        "required": [
                          "name"
                        ],
                        "properties": {
                          "name": {
                            "type": "string",
                            "minLength": 1,
                            "maxLength": 63,
                            "pattern": "^[A-Z][A-Za-z0-9]*$",
                            "description": "Name in CamelCase: `ReleaseInvoice`."
                          },
                          "result": {
                            "type": "string",
                            "enum": [
                              "Settled",
                              "Disputed"
                            ],
                            "description": "Settled: the match counts as agreed. Disputed: the exception leaves the work list, the match goes on to disagree. Both for the figures that the person saw; others open it again. Default: Settled."
                          },
                          "integrationRef": {
                            "type": "object",
                            "description": "The Integration with `source.resolutions` that tells a system of it. Default: nobody is told.",
                            "required": [
                              "name"
                            ],
                            "properties": {
                              "name": {
                                "type": "string",
                                "minLength": 1,
                                "maxLength": 63,
                                "description": "Name of the Integration."
                              }
                            }
                          }
                        }
                      }
                    }
                  }
                }
              }
            }
          },
          "unitsRef": {
            "type": "object",
            "description": "Table of unit conversions with the columns `from`, `to` and `factor` (so many `to` are one `from`), and `item` where it is of one item only. Quantities are compared in the unit of the order.",
            "required": [
              "name"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of the ReferenceTable."
              }
            }
          }
        }
      }
    }
  },
  "SLAPolicy": {
    "type": "object",
    "description": "By when something must have happened in a business process, and who is told when it did not: a missing document is noticed when its deadline passes, although nothing happens.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `SLAPolicy`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Process, partners, objectives, and who is told.",
        "required": [
          "businessProcessRef",
          "objectives"
        ],
        "properties": {
          "businessProcessRef": {
            "type": "object",
            "description": "Process whose milestones the objectives name.",
            "required": [
              "name"
            ],
            "properties": {
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of the BusinessProcess."
              }
            }
          },
          "partnerSelector": {
            "type": "object",
            "description": "Partners whose transactions it is about: who an order goes to, or who sent a document of it. Default: every transaction.",
            "required": [
              "matchLabels"
            ],
            "properties": {
              "matchLabels": {
                "type": "object",
                "maxProperties": 16,
                "description": "Labels, all of which must be equal on the Partner.",
                "additionalProperties": {
                  "type": "string",
                  "maxLength": 63,
                  "description": "Value of the label."
                }
              }
            }
          },
          "objectives": {
            "type": "array",
            "minItems": 1,
            "maxItems": 16,
            "description": "What must have happened by when.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "name"
            ],
            "items": {
              "type": "object",
              "description": "One objective. A transaction has it once `from` is reached, or once the document of `before` is there.",
              "required": [
                "name",
                "to"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "has(self.within) != has(self.before)",
                  "message": "an objective needs exactly one of within, before"
                },
                {
                  "rule": "has(self.within) == has(self.from)",
                  "message": "within counts from a milestone: set from and within together, or before alone"
                },
                {
                  "rule": "!has(self.from) || self.from != self.to",
                  "message": "from and to are the same milestone"
                }
              ],
              "properties": {
                "name": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "pattern": "^[A-Z][A-Za-z0-9]*$",
                  "description": "Name in CamelCase: `ConfirmedInADay`."
                },
                "from": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "description": "Milestone at which the clock starts."
                },
                "to": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 63,
                  "description": "Milestone that must be reached."
                },
                "within": {
                  "type": "string",
                  "maxLength": 16,
                  "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h|d)$",
                  "description": "Time from `from` to `to`, e.g. `24h`. With the clock WorkingTime `24h` are 24 hours of work, and `1d` is as long."
                },
                "before": {
                  "type": "object",
                  "description": "An appointment that stands in a document. A corrected document moves it.",
                  "required": [
                    "documentTypeRef",
                    "field"
                  ],
                  "properties": {
                    "documentTypeRef": {
                      "type": "object",
                      "description": "Type of the document.",
                      "required": [
                        "name"
                      ],
                      "properties": {
                        "name": {
                          "type": "string",
                          "minLength": 1,
                          "maxLength": 63,
                          "description": "Name of the DocumentType."
                        }
                      }
                    },
                    "field": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 256,
                      "pattern": "^(/([^~/]|~[01])*)+$",
                      "description": "JSON pointer to a date or a date with time; of several in lists the earliest counts. A date without time means its first moment in the time zone of the calendar."
                    },
                    "by": {
                      "type": "string",
                      "maxLength": 16,
                      "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
                      "description": "How long before, e.g. `24h`. Default: `0s`."
                    }
                  }
                },
                "clock": {
                  "type": "string",
                  "enum": [
                    "Elapsed",
                    "WorkingTime"
                  ],
                  "description": "Elapsed: every hour counts. WorkingTime: only the working hours of the calendar. Default: Elapsed."
                },
                "calendar": {
                  "type": "string",
                  "enum": [
                    "Partner",
                    "Organization"
                  ],
                  "description": "Whose calendar gives time zone and working hours. Partner: that of the transaction's partner; of one without, the Organization's. Where there is none, UTC and every hour counts. Default: Partner."
                },
                "warnAt": {
                  "type": "string",
                  "maxLength": 3,
                  "pattern": "^[1-9][0-9]?%$",
                  "description": "Share of the time after which a warning is given, e.g. `75%`. Default: no warning."
                },
                "severity": {
                  "type": "string",
                  "enum": [
                    "Info",
                    "Warning",
                    "Critical"
                  ],
                  "description": "How bad a breach is. Default: Warning."
                }
              }
            }
          },
          "notify": {
            "type": "array",
            "maxItems": 8,
            "description": "Who is told. What happens within a few seconds is told in one message; a message that cannot be delivered is tried again, with the same key.",
            "items": {
              "type": "object",
              "description": "One recipient.",
              "required": [
                "connectorRef"
              ],
              "x-kubernetes-validations": [
                {
                  "rule": "!(has(self.webhook) && has(self.alertmanager)) && !(has(self.webhook) && has(self.mail)) && !(has(self.alertmanager) && has(self.mail))",
                  "message": "a recipient is told in one way: set at most one of webhook, alertmanager, mail"
                }
              ],
              "properties": {
                "connectorRef": {
                  "type": "object",
                  "description": "Connector that carries the message: http or mail.",
                  "required": [
                    "name"
                  ],
                  "properties": {
                    "name": {
                      "type": "string",
                      "minLength": 1,
                      "maxLength": 63,
                      "description": "Name of the Connector."
                    }
                  }
                },
                "events": {
                  "type": "array",
                  "minItems": 1,
                  "maxItems": 3,
                  "description": "What is told. Warning: a deadline is near. Breach: it passed. Recovery: what was told is over. Default: Breach and Recovery.",
                  "x-kubernetes-list-type": "set",
                  "items": {
                    "type": "string",
                    "enum": [
                      "Warning",
                      "Breach",
                      "Recovery"
                    ],
                    "description": "Event."
                  }
                },
                "repeatEvery": {
                  "type": "string",
                  "maxLength": 16,
                  "pattern": "^[1-9][0-9]{0,8}(s|m|h|d)$",
                  "description": "While breaches last, one message about all of them each so often, e.g. `24h`. Default: no repetition; to an Alertmanager `5m`."
                },
                "webhook": {
                  "type": "object",
                  "description": "A JSON object by POST, with the key in `Idempotency-Key`. What an http connector does when nothing is said.",
                  "properties": {
                    "path": {
                      "type": "string",
                      "maxLength": 512,
                      "pattern": "^/[^\\s?#]*$",
                      "description": "Path behind the URL of the connector. Default: none."
                    }
                  }
                },
                "alertmanager": {
                  "type": "object",
                  "description": "Alerts for the Prometheus Alertmanager, API v2: one per objective and partner, firing while a breach (or, if told, a warning) lasts.",
                  "properties": {
                    "path": {
                      "type": "string",
                      "maxLength": 512,
                      "pattern": "^/[^\\s?#]*$",
                      "description": "Path behind the URL of the connector. Default: `/api/v2/alerts`."
                    }
                  }
                },
                "mail": {
                  "type": "object",
                  "description": "A mail. Only with a mail connector, which needs it.",
                  "required": [
                    "to"
                  ],
                  "properties": {
                    "to": {
                      "type": "array",
                      "minItems": 1,
                      "maxItems": 16,
                      "description": "Who gets it.",
                      "x-kubernetes-list-type": "set",
                      "items": {
                        "type": "string",
                        "minLength": 3,
                        "maxLength": 254,
                        "pattern": "^[^\\s@,;<>]+@[^\\s@,;<>]+$",
                        "description": "Address, e.g. `operations@example.com`."
                      }
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  },
  "RuntimePool": {
    "type": "object",
    "description": "Pods of their own for the integrations that name it (`spec.runtimePoolRef`): what they route and deliver neither waits for others nor slows them.\nThe namespace's default pool needs no resource; it runs all other integrations, the partners' channels, and answers what is posted.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label of at most 40 characters: the pods are named after it"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `RuntimePool`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "How many pods of what size, and where.",
        "x-kubernetes-validations": [
          {
            "rule": "!(has(self.replicas) && has(self.autoscaling))",
            "message": "replicas and autoscaling exclude each other: with autoscaling the number belongs to the autoscaler"
          }
        ],
        "properties": {
          "replicas": {
            "type": "integer",
            "minimum": 0,
            "maximum": 100,
            "description": "Number of pods; `kubectl scale runtimepool` sets it. Default: 2."
          },
          "autoscaling": {
            "type": "object",
            "description": "The number of pods belongs to an autoscaler, and the operator leaves it alone from then on; the number that there is stays until the autoscaler changes it.",
            "required": [
              "maxReplicas"
            ],
            "x-kubernetes-validations": [
              {
                "rule": "!has(self.minReplicas) || self.minReplicas <= self.maxReplicas",
                "message": "minReplicas is greater than maxReplicas"
              }
            ],
            "properties": {
              "minReplicas": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100,
                "description": "Fewest pods. Default: 1."
              },
              "maxReplicas": {
                "type": "integer",
                "minimum": 1,
                "maximum": 100,
                "description": "Most pods."
              },
              "queueDepth": {
                "type": "object",
                "description": "By the messages in the queues of the pool's integrations, those in the hands of pods counted in. The operator makes a ScaledObject of KEDA,\nwhich must be installed. Without it: an autoscaler of yours, whose target is the Deployment `crossdock-runtime-<name>`.",
                "required": [
                  "messagesPerPod"
                ],
                "properties": {
                  "messagesPerPod": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 1000000,
                    "description": "Messages that one pod is to have to itself."
                  }
                }
              }
            }
          },
          "resources": {
            "type": "object",
            "description": "Requests and limits of each pod, as Kubernetes writes them. Default: those of the chart.",
            "properties": {
              "requests": {
                "type": "object",
                "description": "What a node must have for it.",
                "properties": {
                  "cpu": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 16,
                    "pattern": "^[0-9]+(\\.[0-9]+)?m?$",
                    "description": "Processors, e.g. `500m`."
                  },
                  "memory": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 16,
                    "pattern": "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|k|M|G)?$",
                    "description": "Memory, e.g. `256Mi`."
                  }
                }
              },
              "limits": {
                "type": "object",
                "description": "What it gets at most. A pod that needs more memory is killed.",
                "properties": {
                  "cpu": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 16,
                    "pattern": "^[0-9]+(\\.[0-9]+)?m?$",
                    "description": "Processors, e.g. `2`."
                  },
                  "memory": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 16,
                    "pattern": "^[0-9]+(\\.[0-9]+)?(Ki|Mi|Gi|k|M|G)?$",
                    "description": "Memory, e.g. `1Gi`."
                  }
                }
              }
            }
          },
          "maxUnavailable": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100,
            "description": "Pods that may be away at once when nodes are drained (PodDisruptionBudget). Default: 1."
          },
          "spreadOver": {
            "type": "array",
            "maxItems": 4,
            "x-kubernetes-list-type": "set",
            "description": "Labels of nodes over whose values the pods are spread as evenly as can be. Default: `kubernetes.io/hostname`.",
            "items": {
              "type": "string",
              "minLength": 1,
              "maxLength": 253,
              "pattern": "^[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?(/[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?)?$",
              "description": "A key, e.g. `topology.kubernetes.io/zone`."
            }
          }
        }
      }
    }
  },
  "Hold": {
    "type": "object",
    "description": "Stops what it names until it is removed or its time is over. Made by the console or the CLI, not by Git, so that a GitOps tool does not undo it.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Hold`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "What is held, why, and until when.",
        "required": [
          "targetRef",
          "reason"
        ],
        "properties": {
          "targetRef": {
            "type": "object",
            "description": "What is held.",
            "required": [
              "kind",
              "name"
            ],
            "properties": {
              "kind": {
                "type": "string",
                "enum": [
                  "Integration",
                  "Partner",
                  "Connector"
                ],
                "description": "Kind of the resource."
              },
              "name": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "pattern": "^(\\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$",
                "description": "Name of the resource, or `*` for all of that kind."
              }
            }
          },
          "direction": {
            "type": "string",
            "enum": [
              "Inbound",
              "Outbound",
              "Both"
            ],
            "description": "Inbound: nothing is received; HTTP senders get 503 with Retry-After, files stay where they are. Outbound: nothing is delivered, it waits in its queue. Default: Both."
          },
          "reason": {
            "type": "string",
            "minLength": 1,
            "maxLength": 512,
            "description": "Why, for people, e.g. `ERP down for maintenance, CHG-0815`."
          },
          "until": {
            "type": "string",
            "maxLength": 64,
            "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
            "description": "Time (RFC 3339) at which it ends by itself, e.g. `2026-11-24T06:00:00Z`. Default: when the Hold is deleted."
          }
        }
      }
    }
  },
  "Replay": {
    "type": "object",
    "description": "Sends documents once more: dead letters to where they failed, delivered ones from the archive through their integration. Like a Job: it runs once, and what it asks for does not change. Idempotency keys stay as they were, so a system that honours them sees no effect twice. Made by people, not by Git.",
    "required": [
      "spec"
    ],
    "x-kubernetes-validations": [
      {
        "rule": "self.metadata.name.size() <= 63 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "message": "metadata.name must be a DNS label: at most 63 lower case letters, digits and -, no dots"
      }
    ],
    "properties": {
      "apiVersion": {
        "type": "string",
        "description": "Always `crossdock.dev/v1alpha1`."
      },
      "kind": {
        "type": "string",
        "description": "Always `Replay`."
      },
      "metadata": {
        "type": "object"
      },
      "spec": {
        "type": "object",
        "description": "Which documents, why, how fast, and who asked. Only state and approvals change after it was made.",
        "required": [
          "reason",
          "requestedBy",
          "selector"
        ],
        "x-kubernetes-validations": [
          {
            "rule": "self.reason == oldSelf.reason && self.requestedBy == oldSelf.requestedBy && self.selector == oldSelf.selector && has(self.mode) == has(oldSelf.mode) && (!has(self.mode) || self.mode == oldSelf.mode) && has(self.ratePerSecond) == has(oldSelf.ratePerSecond) && (!has(self.ratePerSecond) || self.ratePerSecond == oldSelf.ratePerSecond) && has(self.limit) == has(oldSelf.limit) && (!has(self.limit) || self.limit == oldSelf.limit) && has(self.ttlAfterFinished) == has(oldSelf.ttlAfterFinished) && (!has(self.ttlAfterFinished) || self.ttlAfterFinished == oldSelf.ttlAfterFinished)",
            "message": "only state and approvals change: for anything else make another Replay"
          },
          {
            "rule": "!has(oldSelf.state) || oldSelf.state != \"Cancelled\" || (has(self.state) && self.state == \"Cancelled\")",
            "message": "a cancelled Replay stays cancelled: make another"
          },
          {
            "rule": "!has(oldSelf.approvals) || oldSelf.approvals.all(x, has(self.approvals) && self.approvals.exists(y, y.by == x.by))",
            "message": "approvals are added, never taken back"
          },
          {
            "rule": "!has(self.approvals) || self.approvals.all(x, x.by != self.requestedBy)",
            "message": "who asks cannot approve: another person must"
          }
        ],
        "properties": {
          "reason": {
            "type": "string",
            "minLength": 1,
            "maxLength": 512,
            "description": "Why, for people, e.g. `ERP outage of 20 November, INC-4711`. In the journal of every document that is sent, and in the audit."
          },
          "requestedBy": {
            "type": "string",
            "minLength": 1,
            "maxLength": 128,
            "description": "Who asks, as the audit is to name them."
          },
          "mode": {
            "type": "string",
            "enum": [
              "DryRun",
              "Run"
            ],
            "description": "DryRun: selects, and says what would happen to each document. Run: sends. Default: DryRun."
          },
          "selector": {
            "type": "object",
            "description": "Which documents. All that is named must hold.",
            "x-kubernetes-validations": [
              {
                "rule": "has(self.integration) || has(self.destination) || has(self.deadLetters) || has(self.partner) || has(self.documentType) || has(self.keys) || has(self.mappingVersion)",
                "message": "the selector is empty: name integration, deadLetters, partner, documentType, keys or mappingVersion"
              },
              {
                "rule": "!has(self.destination) || has(self.integration)",
                "message": "destination is one of an integration: name the integration too"
              },
              {
                "rule": "!has(self.since) || !has(self.until) || timestamp(self.since) < timestamp(self.until)",
                "message": "since must be before until"
              }
            ],
            "properties": {
              "integration": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of the Integration where documents failed, or that delivered them."
              },
              "destination": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of one destination of it. Default: all."
              },
              "deadLetters": {
                "type": "object",
                "description": "Takes letters that wait for a person; `{}` takes all dead letters that the other fields leave. Without it: what was delivered, from the archive.",
                "properties": {
                  "state": {
                    "type": "string",
                    "enum": [
                      "DeadLettered",
                      "Parked"
                    ],
                    "description": "In the dead letters, or parked. Default: DeadLettered."
                  },
                  "class": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Error class, e.g. `DeliveryFailed`."
                  },
                  "code": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 128,
                    "description": "Code of the error, e.g. `http.503`."
                  },
                  "fingerprint": {
                    "type": "string",
                    "maxLength": 12,
                    "pattern": "^[0-9a-f]{12}$",
                    "description": "Of a group of letters with one cause at one place: `crossdock dlq groups` shows it."
                  }
                }
              },
              "partner": {
                "type": "string",
                "minLength": 1,
                "maxLength": 63,
                "description": "Name of the Partner that sent the documents, or that they went to."
              },
              "documentType": {
                "type": "string",
                "minLength": 1,
                "maxLength": 80,
                "description": "Event type, e.g. `ship-notice.v1`."
              },
              "keys": {
                "type": "array",
                "minItems": 1,
                "maxItems": 500,
                "description": "Values of any business key, e.g. numbers of orders.",
                "x-kubernetes-list-type": "set",
                "items": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 200,
                  "description": "A value, e.g. `PO-1001`."
                }
              },
              "mappingVersion": {
                "type": "object",
                "description": "Documents that a version of a Mapping made for a destination or a partner: `crossdock replay versions` shows the versions.",
                "required": [
                  "name"
                ],
                "properties": {
                  "name": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 63,
                    "description": "Name of the Mapping."
                  },
                  "hash": {
                    "type": "string",
                    "maxLength": 64,
                    "pattern": "^[0-9a-f]{8,64}$",
                    "description": "Its version, or the beginning of it. Default: every version."
                  }
                }
              },
              "since": {
                "type": "string",
                "maxLength": 64,
                "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
                "description": "Failed or delivered at this time (RFC 3339) or later."
              },
              "until": {
                "type": "string",
                "maxLength": 64,
                "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
                "description": "Failed or delivered before this time (RFC 3339)."
              }
            }
          },
          "ratePerSecond": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "description": "Documents sent in a second, at most. Default: 20."
          },
          "limit": {
            "type": "integer",
            "minimum": 0,
            "maximum": 1000,
            "description": "Up to so many documents it runs at once; if more are selected, another person must approve first. Default: 100."
          },
          "approvals": {
            "type": "array",
            "maxItems": 8,
            "description": "Who approves it, when more are selected than its limit. Not who asks.",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": [
              "by"
            ],
            "items": {
              "type": "object",
              "description": "One approval.",
              "required": [
                "by"
              ],
              "properties": {
                "by": {
                  "type": "string",
                  "minLength": 1,
                  "maxLength": 128,
                  "description": "Who approves."
                },
                "comment": {
                  "type": "string",
                  "maxLength": 512,
                  "description": "What they say to it."
                }
              }
            }
          },
          "state": {
            "type": "string",
            "enum": [
              "Active",
              "Cancelled"
            ],
            "description": "Cancelled: sends no more; what was sent stays sent. Deleting the Replay does the same. Default: Active."
          },
          "ttlAfterFinished": {
            "type": "string",
            "maxLength": 16,
            "pattern": "^[0-9]{1,9}(ms|s|m|h|d)$",
            "description": "It is deleted so much later than it ended, e.g. `7d`. Default: it stays."
          }
        }
      }
    }
  }
};
