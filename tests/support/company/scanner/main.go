// A stand-in for Grype: it takes the same arguments, settings, archive and template, and ends in the same ways.
// What is vulnerable it reads from its "database", a list in JSON that the test serves.
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
	"text/template"
	"time"
)

// The fields of Grype's document that a template may use.
type document struct{ Matches []match }
type match struct {
	Vulnerability struct {
		ID, Severity string
		Fix          struct{ Versions []string }
	}
	Artifact artifact
}
type artifact struct{ Name, Version, Type string }

// An entry of the database.
type entry struct {
	ID, Severity, Package string
	Fixed                 []string
}

var severities = []string{"unknown", "negligible", "low", "medium", "high", "critical"}

func rank(severity string) int {
	for position, name := range severities {
		if strings.EqualFold(name, severity) {
			return position
		}
	}
	return -1
}

func fail(words string, err error) {
	fmt.Fprintf(os.Stderr, "[0000] ERROR %s: %v\n", words, err)
	os.Exit(1)
}

// arguments returns the source and the options, of which `--only-fixed` alone has no value.
func arguments() (source string, options map[string]string) {
	options = map[string]string{}
	for i := 1; i < len(os.Args); i++ {
		switch option := os.Args[i]; {
		case option == "--only-fixed":
			options[option] = "true"
		case option == "--fail-on" || option == "--output" || option == "--template":
			i++
			options[option] = os.Args[i]
		case strings.HasPrefix(option, "-") || source != "":
			fail("unknown argument", fmt.Errorf("%s", option))
		default:
			source = option
		}
	}
	return source, options
}

// database asks for the entries as Grype asks for its database: with Go's own handling of proxies and CAs.
func database() (entries []entry) {
	address := os.Getenv("GRYPE_DB_UPDATE_URL")
	if address == "" {
		address = "https://grype.anchore.io/databases"
	}
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Get(address)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("bad response code: %d", response.StatusCode)
	}
	if err == nil {
		err = json.NewDecoder(response.Body).Decode(&entries)
	}
	if err != nil && os.Getenv("GRYPE_DB_REQUIRE_UPDATE_CHECK") == "true" {
		fail("failed to load vulnerability db: unable to update db: check for vulnerability database update failed", err)
	} else if err != nil {
		fail("failed to load vulnerability db", fmt.Errorf("database does not exist"))
	}
	return entries
}

// files calls `visit` for each regular file of a tar archive.
func files(archive io.Reader, visit func(name string, content []byte)) {
	for reader := tar.NewReader(archive); ; {
		header, err := reader.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			fail("failed to catalog", err)
		}
		if header.Typeflag == tar.TypeReg {
			content, _ := io.ReadAll(reader)
			visit(path.Clean(header.Name), content)
		}
	}
}

// layers returns the layers of an archive by `docker save`; each must have the digest that the configuration names.
func layers(source string) (found [][]byte, digests []string) {
	file, err := os.Open(strings.TrimPrefix(source, "docker-archive:"))
	if err != nil {
		fail("failed to catalog", err)
	}
	members := map[string][]byte{}
	files(file, func(name string, content []byte) { members[name] = content })
	var manifest []struct {
		Config string
		Layers []string
	}
	var config struct {
		RootFS struct {
			Digests []string `json:"diff_ids"`
		}
	}
	if err := json.Unmarshal(members["manifest.json"], &manifest); err != nil {
		fail("failed to catalog", err)
	}
	if err := json.Unmarshal(members[manifest[0].Config], &config); err != nil {
		fail("failed to catalog", err)
	}
	for position, name := range manifest[0].Layers {
		digest := fmt.Sprintf("sha256:%x", sha256.Sum256(members[name]))
		if digest != config.RootFS.Digests[position] {
			fail("failed to catalog", fmt.Errorf("layer %s is not %s", name, config.RootFS.Digests[position]))
		}
		found, digests = append(found, members[name]), append(digests, digest)
	}
	return found, digests
}

var (
	nodeMarker = regexp.MustCompile(`node\.js/v([0-9]+\.[0-9]+\.[0-9]+)`)
	debField   = regexp.MustCompile(`(?m)^(Package|Version): (.*)$`)
)

// packages finds what Grype finds by these marks: Node's binary, metadata of dpkg, package.json.
func packages(layers [][]byte) (found []artifact) {
	for _, layer := range layers {
		files(bytes.NewReader(layer), func(name string, content []byte) {
			var manifest struct{ Name, Version string }
			switch {
			case path.Base(name) == "node":
				if version := nodeMarker.FindSubmatch(content); version != nil {
					found = append(found, artifact{"node", string(version[1]), "binary"})
				}
			case strings.Contains(name, "lib/dpkg/status"):
				values := map[string]string{}
				for _, field := range debField.FindAllSubmatch(content, -1) {
					values[string(field[1])] = string(field[2])
				}
				found = append(found, artifact{values["Package"], values["Version"], "deb"})
			case path.Base(name) == "package.json":
				if json.Unmarshal(content, &manifest) == nil && manifest.Name != "" && manifest.Version != "" {
					found = append(found, artifact{manifest.Name, manifest.Version, "npm"})
				}
			}
		})
	}
	return found
}

func main() {
	source, options := arguments()
	content, digests := layers(source)
	found := packages(content)
	ignored, _ := os.ReadFile(".grype.yaml")
	record, _ := json.Marshal(map[string]any{"layers": digests, "packages": found, "environment": os.Environ()})
	fmt.Fprintf(os.Stderr, "stand-in: %s\n", record)
	var result document
	status := 0
	for _, known := range database() {
		for _, candidate := range found {
			accepted := bytes.Contains(ignored, []byte("vulnerability: "+known.ID))
			fixed := len(known.Fixed) > 0 || options["--only-fixed"] == ""
			if candidate.Name != known.Package || accepted || !fixed {
				continue
			}
			next := match{Artifact: candidate}
			next.Vulnerability.ID, next.Vulnerability.Severity = known.ID, known.Severity
			next.Vulnerability.Fix.Versions = known.Fixed
			result.Matches = append(result.Matches, next)
			if limit := options["--fail-on"]; limit != "" && rank(known.Severity) >= rank(limit) {
				status = 2
			}
		}
	}
	report := "{{range .Matches}}{{.Artifact.Name}} {{.Vulnerability.ID}} {{.Vulnerability.Severity}}\n" +
		"{{else}}No vulnerabilities found\n{{end}}"
	if options["--output"] == "template" {
		given, err := os.ReadFile(options["--template"])
		if err != nil {
			fail("unable to get output template", err)
		}
		report = string(given)
	}
	parsed, err := template.New("report").Parse(report)
	if err == nil {
		err = parsed.Execute(os.Stdout, result)
	}
	if err != nil {
		fail("unable to execute supplied template", err)
	}
	os.Exit(status)
}
