/* C++ threads: exceptions across them, iostreams, once, conditions, thread_local destructors, guards of static variables. */
/* harness: compare */
/* harness: flags -std=c++17 -lstdc++ */
#include <atomic>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <future>
#include <iomanip>
#include <iostream>
#include <map>
#include <mutex>
#include <numeric>
#include <shared_mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

static int failures;
#define CHECK(...) ((__VA_ARGS__) ? (void)0 : (void)(failures++, std::cout << "line " << __LINE__ << ": " #__VA_ARGS__ << '\n'))

struct Counted {
    static std::atomic<int> live;
    Counted() { live++; }
    Counted(const Counted &) { live++; }
    ~Counted() { live--; }
};
std::atomic<int> Counted::live;

static int deep(int n) {
    Counted guard;
    if (n == 0) throw std::runtime_error("from the depth");
    return deep(n - 1) + 1;
}

static void exceptions() {
    std::vector<std::future<int>> results;
    for (int i = 0; i < 16; i++)
        results.push_back(std::async(std::launch::async, [i] { return i % 2 ? deep(i * 10) : i; }));
    int thrown = 0, sum = 0;
    for (auto &result : results) {
        try {
            sum += result.get();
        } catch (const std::runtime_error &e) {
            thrown += std::string(e.what()) == "from the depth";
        }
    }
    CHECK(thrown == 8 && sum == 56 && Counted::live == 0);
    std::exception_ptr carried;
    std::thread([&] {
        try {
            try {
                throw std::out_of_range("inner");
            } catch (...) {
                std::throw_with_nested(std::logic_error("outer"));
            }
        } catch (...) {
            carried = std::current_exception();
        }
    }).join();
    try {
        std::rethrow_exception(carried);
    } catch (const std::logic_error &e) {
        try {
            std::rethrow_if_nested(e);
        } catch (const std::out_of_range &inner) {
            std::cout << e.what() << " around " << inner.what() << '\n';
        }
    }
    /* Many threads unwind at once. */
    std::atomic<int> caught{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; i++)
                try {
                    deep(i % 20);
                } catch (std::exception &) {
                    caught++;
                }
        });
    for (auto &thread : threads) thread.join();
    CHECK(caught == 4000 && Counted::live == 0);
    try {
        std::vector<int>().at(3);
    } catch (std::out_of_range &e) {
        std::cout << e.what() << '\n';
    }
    try {
        static char *volatile all = new char[SIZE_MAX / 4];
        delete[] all;
    } catch (std::bad_alloc &e) {
        std::cout << e.what() << '\n';
    }
}

struct Recorder {
    int id = 0;
    ~Recorder();
};
static std::mutex ended_lock;
static std::map<int, int> ended;
Recorder::~Recorder() {
    std::lock_guard<std::mutex> hold(ended_lock);
    ended[id]++;
}
static thread_local Recorder recorder;

static int slow_start() {
    static std::atomic<int> calls{0};
    std::this_thread::yield();
    return ++calls;
}

static void synchronisation() {
    std::once_flag flag, failing;
    std::atomic<int> ran{0}, tries{0}, starts{0};
    std::mutex lock;
    std::shared_mutex shared;
    std::condition_variable ready;
    std::deque<int> queue;
    long taken = 0, read = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; t++)
        threads.emplace_back([&, t] {
            recorder.id = t;
            std::call_once(flag, [&] { ran++; });
            try {
                std::call_once(failing, [&] {
                    if (++tries < 4) throw 1;
                });
            } catch (int) {
            }
            static int value = slow_start();
            starts += value;
            for (int i = 1; i <= 500; i++) {
                if (t < 4) {
                    std::lock_guard<std::mutex> hold(lock);
                    queue.push_back(i);
                    ready.notify_one();
                } else {
                    std::unique_lock<std::mutex> hold(lock);
                    ready.wait(hold, [&] { return !queue.empty(); });
                    taken += queue.front();
                    queue.pop_front();
                }
                if (i % 50 == 0) {
                    std::unique_lock<std::shared_mutex> write(shared);
                    read++;
                } else {
                    std::shared_lock<std::shared_mutex> look(shared);
                    if (read < 0) failures++;
                }
            }
        });
    for (auto &thread : threads) thread.join();
    CHECK(ran == 1 && tries == 4 && starts == 8 && taken == 4 * 500 * 501 / 2 && read == 80);
    CHECK(ended.size() == 8);
    for (auto &[id, times] : ended) CHECK(times == 1 && id < 8);
}

static void streams() {
    std::ostringstream text;
    text << std::hex << std::showbase << 255 << ' ' << std::dec << std::setw(8) << std::setfill('*') << -42 << ' ' << std::fixed
         << std::setprecision(3) << 3.14159 << ' ' << std::scientific << 12345.678 << ' ' << std::boolalpha << true;
    std::cout << text.str() << '\n';
    std::istringstream numbers("17 0x1f 2.5e3 word 9999999999999");
    int a, b, overflow;
    double c;
    std::string word;
    numbers >> a >> std::setbase(0) >> b >> c >> word >> overflow;
    std::cout << a << ' ' << b << ' ' << c << ' ' << word << ' ' << numbers.fail() << ' ' << overflow << '\n';
    std::string name = "/tmp/tidal-cxx-" + std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id()) % 1000000);
    {
        std::ofstream file(name);
        for (int i = 0; i < 10000; i++) file << i << ',' << i * i << '\n';
    }
    std::ifstream file(name);
    long sum = 0;
    for (std::string line; std::getline(file, line);) sum += std::stol(line.substr(line.find(',') + 1));
    file.clear();
    file.seekg(-5, std::ios::end);
    std::getline(file, word);
    std::cout << sum << ' ' << word << ' ' << std::ifstream("/nonexistent").is_open() << '\n';
    std::remove(name.c_str());
    /* Lines from many threads stay whole. What cerr is tied to would be flushed by all of them at once, which it may not be. */
    std::cerr.tie(nullptr);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; t++)
        threads.emplace_back([] {
            for (int i = 0; i < 100; i++) std::cerr << std::string("a line of a thread\n");
        });
    for (auto &thread : threads) thread.join();
    std::wostringstream wide;
    wide << L"wide " << 5 << L' ' << 0.5;
    CHECK(wide.str() == L"wide 5 0.5");
}

int main() {
    std::ios::sync_with_stdio(failures != 0);
    exceptions();
    synchronisation();
    streams();
    std::cout << (failures ? "wrong" : "right") << std::endl;
    return failures;
}
