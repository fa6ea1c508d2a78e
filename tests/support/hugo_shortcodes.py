"""Templates of shortcodes, and texts that use them."""

TEMPLATES = {
    "note": '<div class="note">{{ .Inner | markdownify }}</div>',
    "raw": "{{ .Inner }}",
    "box": ('<div class="box">{{ with .Get "title" }}<h4>{{ . }}</h4>{{ else }}<i>no</i>{{ end }}{{- .Inner -}}</div>'),
    "img": ('{{- /* an image */ -}}\n<img src="{{ .Get "src" | relURL }}" alt="{{ .Get "alt" | default "none" }}">'),
    "kbd": "<kbd>{{ .Get 0 }}</kbd>",
    "rs": "<section>{{ .Page.RenderString .Inner }}</section>",
    "ded": "<pre>{{ .InnerDeindent }}</pre>",
    "opt": '{{ if .Get "a" }}A={{ .Get "a" }}{{ else }}none{{ end }}',
    "md": "**{{ .Get 0 }}** {{ .Inner }}",
    "ext": (
        '{{- $url := .Get "url" -}}\n{{- if not $url -}}\n{{ errorf "missing: %s" .Position }}\n{{- end -}}\n'
        '<a href="{{ $url }}">{{ .Get "title" }}</a>'
    ),
    "link": (
        '{{ $name := "" }}{{ $to := .Get 0 }}{{ if .Get 1 }}{{ $name = .Get 0 }}{{ $to = .Get 1 }}{{ end }}'
        '<a href="{{ $to }}">{{ with $name }}{{ . | markdownify }}{{ else }}{{ $to }}{{ end }}</a>'
    ),
    "alert": (
        '<!-- a comment -->{{ $kind := .Get "kind" | default "note" }}{{ $sign := "?" }}\n'
        '{{ if eq $kind "note" "hint" }}{{ $sign = "i" }}{{ else if eq $kind "stop" }}{{ $sign = "!" }}'
        '{{ else }}{{ $sign := "inner" }}({{ $sign }}){{ end }}<b>{{ $sign }} {{ $kind | upper }} {{ title $kind }}</b>'
        '{{ if and .Inner (ne $kind "stop") }}{{ .Inner | markdownify }}{{ end }}'
    ),
    "cdn": (
        '{{- $path := replaceRE "^/" "" (.Get "src") -}}{{- $cdn := printf "%s/%s" .Site.Params.deep.key $path -}}'
        '{{- $secure := replaceRE "^(http[s]://).+$" "$1" $path -}}'
        '<img src="{{ if ne $secure $path }}{{ $path }}{{ else }}/x/{{ $path }}{{ end }}"'
        ' alt="{{ or (.Get "alt") $cdn }}">'
    ),
    "all": (
        "<ul>{{ range $i, $x := .Params }}<li>{{ $i }}={{ $x }}</li>{{ else }}<li>none</li>{{ end }}</ul>"
        "{{ len .Params }}"
    ),
    "types": (
        '{{ if .Get "f" }}yes{{ else }}no{{ end }} {{ if eq (.Get "n") 1 }}one{{ else }}other{{ end }} {{ .Get "n" }} '
        '{{ cond .IsNamedParams "named" "placed" }} '
        '{{ if .IsNamedParams }}{{ .Params.n }}{{ end }} {{ .Get "f" | default "usual" }} {{ .Name }}'
    ),
    "table": (
        '{{ $head := "" }}{{ range $k, $v := .Params }}{{ $head = printf "%s %s=\\"%v\\"" $head $k $v }}{{ end }}'
        '{{ (replace (.Inner | markdownify) "<table>" (printf "<table %s>" $head)) | safeHTML }}'
    ),
    "words": (
        '{{ $l := slice "a" }}{{ $l = $l | append "b" }}{{ delimit $l ", " }} {{ index $l 1 }} {{ in $l "b" }} '
        '{{ range split "x,y" "," }}[{{ . }}]{{ end }} {{ hasPrefix (.Get 0) "ht" }} {{ strings.TrimSpace .Inner }} '
        '{{ strings.TrimPrefix "ht" (.Get 0) }} {{ .Page.Params.mine }} {{ site.Params.deep.key | plainify }}'
    ),
}

USES = (
    '{{< ext url="/a?b=c&d" title="T <x> & \\"y\\"" >}} and {{< ext url="https://example.org/" title=\'s\' >}}',
    '{{< link "/only" >}} {{< link "*Name*" "/to" >}} {{< link "" "/to" >}}',
    '{{< alert >}}a *b*{{< /alert >}} {{< alert kind="stop" >}}gone{{< /alert >}}',
    "{{< alert kind=odd >}}x{{< /alert >}}",
    "{{< alert kind=hint >}}\na\n\n- b\n{{< /alert >}}",
    '{{< cdn src="/a.png" >}} {{< cdn src="https://example.org/b.png" alt="B" >}}',
    "{{< all >}} {{< all 1 two `3 4` >}} {{< all b=1 a=2 >}}",
    '{{< types f=true n=1 >}}, {{< types f=false n=2 >}}, {{< types f="false" n="1" >}}, {{< types >}}',
    '{{< table class="a" id=b >}}\n| a | b |\n|--|--|\n| c | d |\n{{< /table >}}',
    '{{< words "https" >}} in {{< /words >}}',
)
