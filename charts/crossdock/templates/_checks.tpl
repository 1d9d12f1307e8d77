{{- /* What would go wrong later, said before anything is written. Looks at the cluster, so `helm template` alone does not see it. */}}
{{- define "crossdock.checks" -}}
{{- $own := .Values.watchNamespaces }}
{{- if .Values.operator.replicas }}
{{- range (lookup "apps/v1" "Deployment" "" "").items }}
{{- $labels := .metadata.labels | default dict }}
{{- $ours := and (eq (get $labels "app.kubernetes.io/name") "crossdock") (eq (get $labels "app.kubernetes.io/component") "operator") }}
{{- $same := and (eq .metadata.namespace $.Release.Namespace) (eq (get $labels "app.kubernetes.io/instance") $.Release.Name) }}
{{- if and $ours (not $same) .spec.replicas }}
{{- $theirs := list }}
{{- range (index .spec.template.spec.containers 0).env }}
{{- if eq .name "CROSSDOCK_NAMESPACES" }}{{ $theirs = splitList "," .value }}{{ end }}
{{- end }}
{{- $both := list }}
{{- range $own }}{{ if has . $theirs }}{{ $both = append $both . }}{{ end }}{{ end }}
{{- if or (not $own) (not $theirs) $both }}
{{- fail (printf "release %s in namespace %s has an operator that works on %s: two operators on one namespace undo each other's work. Give watchNamespaces to both, without a namespace in common, or upgrade that release." (get $labels "app.kubernetes.io/instance") .metadata.namespace (ternary (join ", " ($both | default $theirs)) "all namespaces" (gt (len $theirs) 0))) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.crds.install }}
{{- $definition := lookup "apiextensions.k8s.io/v1" "CustomResourceDefinition" "" "integrations.crossdock.dev" }}
{{- $there := get (($definition.metadata | default dict).labels | default dict) "app.kubernetes.io/version" }}
{{- if and $there (semverCompare (printf "> %s" .Chart.AppVersion) $there) }}
{{- fail (printf "the CustomResourceDefinitions of this cluster are of Crossdock %s, and this chart is of %s: older ones would cut fields out of what is stored. Install a chart of %s or later, or set crds.install=false to leave them as they are." $there .Chart.AppVersion $there) }}
{{- end }}
{{- end }}
{{- end }}
