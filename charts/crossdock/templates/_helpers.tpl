{{- define "crossdock.fullname" -}}
{{- if contains "crossdock" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-crossdock" .Release.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "crossdock.selector" -}}
app.kubernetes.io/name: crossdock
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "crossdock.labels" -}}
{{ include "crossdock.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "crossdock.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{- /* The restricted profile of pod security. */}}
{{- define "crossdock.podSecurity" -}}
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "crossdock.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{- define "crossdock.databaseSecret" -}}
{{- if .Values.database.secretName }}{{ .Values.database.secretName }}
{{- else if .Values.trial.postgresql.enabled }}{{ include "crossdock.fullname" . }}-postgresql
{{- else }}{{ fail "no PostgreSQL: set database.secretName to a Secret in the namespace of the release with the key url (postgres://user:password@host:port/database), or try things out with trial.postgresql.enabled=true" }}
{{- end }}
{{- end }}

{{- /* A password that stays: of the Secret that is there, else a new one. */}}
{{- define "crossdock.password" -}}
{{- $there := lookup "v1" "Secret" .root.Release.Namespace .name }}
{{- if and $there $there.data $there.data.password }}{{ $there.data.password | b64dec }}{{ else }}{{ randAlphaNum 24 }}{{ end }}
{{- end }}
