# Checks an environment file: each value must reach the service as it is written, whatever reads it.
# Compose replaces $ outside single quotes, and escapes in double ones; it drops blanks around a
# value and what follows " #".

function refuse(reason) {
  printf "%s:%d: %s%s\n", ENVIRON["env_file"], first_line, (name == "" ? "" : name ": "), reason
  refused = 1
  exit 1
}

function check_unquoted(value) {
  if (value ~ ("^" blank "|" blank "$"))
    refuse("a blank before or after the value: remove it, or quote the value")
  if (value ~ /\$/) refuse("Compose would replace the $: " single_quotes)
  if (value ~ /(^|[ \t])#/)
    refuse("a comment needs a line of its own; a # in the value: " single_quotes)
}

# Follows a quoted value, which may go on over several lines, to its closing quote.
function check_quoted(text,    i, character) {
  for (i = 1; i <= length(text); i++) {
    character = substr(text, i, 1)
    if (character == "\\") {
      if (quote == "\"" && substr(text, i + 1, 1) !~ /["$]/)
        refuse("Compose would replace the \\: " single_quotes)
      i++
      continue
    }
    if (character == "$" && quote == "\"")
      refuse("Compose would replace the $: " single_quotes)
    if (character == quote) {
      quote = ""
      if (substr(text, i + 1) !~ /^[ \t]*(#.*)?$/) refuse("there is text after the closing quote")
      return
    }
  }
}

BEGIN {
  single_quotes = "write it in single quotes (a ' in it as \\')"
  # What Compose cuts off, in bytes of UTF-8: also no-break, thin and ideographic spaces.
  blank = "([ \t\v\f\r]|\302[\205\240]|\341\232\200|\342\200[\200-\212\250\251\257]" \
    "|\342\201\237|\343\200\200)"
}
{ sub(/\r$/, "") }
NR == 1 { sub(/^\357\273\277/, "") }

quote != "" {
  check_quoted($0)
  next
}
/^[ \t]*(#|$)/ { next }
{
  first_line = NR
  name = $0
  sub(/^[ \t]*(export[ \t]+)?/, "", name)
  value = name
  sub(/=.*/, "", name)
  if (name !~ /^[A-Za-z_][A-Za-z0-9_.-]*$/) {
    name = ""
    refuse("this is not NAME=value")
  }
  # A name alone takes its value from the shell.
  if (value !~ /=/) next
  sub(/^[^=]*=/, "", value)
  if (name == "APP_ENV_FILE")
    refuse("it would name another file than this: use make ENV_FILE=, or set it in the shell")
  if (name ~ /^COMPOSE_(FILE|PROFILES|ENV_FILES)$/)
    refuse("Compose would start something else: set it in the shell, for docker compose alone")
  if (name == "NODE_OPTIONS" && value ~ /max.old.space.size/)
    refuse("the image's command sets the heap: use APP_MEMORY, or CMD in the Dockerfile")
{% if cookiecutter.database == 'postgres' %}
  if (name ~ /^DATABASE_(URL|HOST|PORT|USER|NAME)(_FILE)?$/)
    refuse("compose.yaml sets DATABASE_URL: write APP_DATABASE_URL")
{% endif %}
  if (value ~ /^["']/) {
    quote = substr(value, 1, 1)
    check_quoted(substr(value, 2))
  } else check_unquoted(value)
}
END { if (!refused && quote != "") refuse("the quote is never closed") }
