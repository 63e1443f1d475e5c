# Prints the version in package.json: reads the JSON token by token and looks at the top level only.
BEGIN { RS = "\001" }
{
  for (text = $0; match(text, /"([^"\\]|\\.)*"|[][{}:,]|[^][{}:," \t\r\n]+/); ) {
    token = substr(text, RSTART, RLENGTH)
    text = substr(text, RSTART + RLENGTH)
    if (token ~ /^[[{]$/) depth++
    else if (token ~ /^[]}]$/) depth--
    else if (depth == 1 && key == "\"version\"" && previous == ":") version = token
    else if (depth == 1 && token == ":") key = previous
    previous = token
  }
}
# A tag cannot hold the plus sign of 1.4.0+build.7; an underscore takes its place, as in Helm.
END {
  gsub(/"/, "", version)
  gsub(/\+/, "_", version)
  print version
}
