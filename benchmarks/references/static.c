/* The engine's floor: answers every connection on port 3000 with the greeting; exits 0 on SIGTERM. */
#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 32\r\n"
                             "Connection: close\r\n\r\nHello, Docker Multi-Stage Build!";

static void stop(int signal) {
    (void)signal;
    _exit(0);
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(3000)};
    int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    char request[4096];
    signal(SIGTERM, stop);
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) return 1;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client < 0) continue;
        if (read(client, request, sizeof request) > 0) (void)!write(client, answer, sizeof answer - 1);
        close(client);
    }
}
